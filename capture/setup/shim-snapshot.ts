/**
 * What the shim does at a boundary that no engine answers: a snapshot by `ot_snapshot`, and one
 * line that says how it went. The session's id stands at the beginning of every payload.
 */
export const shimSnapshot = `
tree_of() {
	unset GIT_DIR GIT_WORK_TREE GIT_OBJECT_DIRECTORY
	common=$(ot_git rev-parse --path-format=absolute --git-common-dir)
	ot_git --git-dir="$common/opentraces" rev-parse --quiet --verify "$1^{tree}"
}

# False where no store can be: so that nothing is started for nothing.
may_have_store() {
	dir=$here
	while [ "$dir" != "\${dir#/}" ]; do
		if [ -d "$dir/.git" ]; then
			[ -f "$dir/.git/opentraces/config" ]
			return
		fi
		[ ! -e "$dir/.git" ] || return 0
		dir=\${dir%/*}
	done
	return 1
}

snapshot() {
	tree=
	if ! may_have_store; then
		mark 'none no-snapshot'
		return
	fi
	id=$(head -c 4096 "$draft")
	case $id in
	*'"session_id"'*) ;;
	*)
		mark 'none no-session'
		return
		;;
	esac
	id=\${id#*'"session_id"'}
	id=\${id#*'"'}
	id=\${id%%'"'*}
	case $id in
	'' | *[!A-Za-z0-9._-]*)
		mark 'none no-session'
		return
		;;
	esac
	commit=$(ot_snapshot "$harness" "$id" "\${now%??????}")
	[ -z "$commit" ] || tree=$(tree_of "$commit")
	if [ -n "$tree" ]; then mark "snapshot $commit $tree"; else mark 'none no-snapshot'; fi
}
`;
