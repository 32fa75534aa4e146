import { shimSnapshotScript } from "../git/shim-snapshot.ts";
import { shimSnapshot } from "./shim-snapshot.ts";

/** Grows with every change of the shim's text; `ot doctor` names an older one. */
const shimVersion = 1;

/** Hook events at which no file can have changed since the last one; the shim waits for nobody. */
export const quietEvents = [
  "SubagentStart",
  "SubagentStop",
  "PreCompact",
  "PostCompact",
  "Notification",
] as const;

/**
 * The hook program: POSIX sh, because starting Node costs each tool call 40 to 90 ms, sh about 10.
 *
 * Reads one payload from stdin into the spool of the home that it is installed in
 * (`<home>/bin/opentraces-hook`), and at a boundary waits until a live engine has taken its
 * snapshot, or takes one itself. Invariant: prints nothing and exits 0, whatever happens. What it
 * leaves behind is described in ARCHITECTURE.md under Consent and Spool.
 */
export function shimText(): string {
  return `${head}${consent}${payload}${boundary}${shimSnapshotScript}${shimSnapshot}${main}`;
}

// An exit trap, because a failed redirection of a special builtin ends the shell with 2.
const head = `#!/bin/sh
# opentraces hook, version ${shimVersion}. Written by \`ot setup\`; the next one replaces it.
trap 'exit 0' 0 1 2 3 13 15
exec >/dev/null 2>&1
PATH=\${PATH:+$PATH:}/usr/bin:/bin
umask 077
case $0 in
*/bin/*) home=\${0%/bin/*} ;;
*) exit 0 ;;
esac
harness=$1
event=$2
spool=$home/spool

# Whoever sends the payload must not meet a closed pipe.
leave() {
	cat
	exit 0
}
`;

const consent = `
# Sets \`state\` by the nearest answer from folder $1 upwards, and \`linked\` to the main work tree
# of a linked one on the way.
ask() {
	dir=$1
	state=
	# In a folder that is gone, a shell may name it by a word that has no folder above.
	while [ "$dir" != "\${dir#/}" ]; do
		marks=$home/consent$dir
		if [ -e "$dir/.opentraces-ignore" ] || [ -f "$marks/@excluded" ]; then
			state=excluded
		elif [ -f "$marks/@paused" ]; then
			state=paused
		elif [ -f "$marks/@on" ]; then
			state=on
		fi
		[ -z "$state" ] || return 0
		if [ -z "$linked" ] && [ -f "$dir/.git" ]; then follow; fi
		dir=\${dir%/*}
	done
}

# A linked work tree's .git file names <main>/.git/worktrees/<name>, absolute or from where it lies.
follow() {
	read -r word link <"$dir/.git"
	case $link in
	*/worktrees/*) ;;
	*) return ;;
	esac
	link=\${link%/worktrees/*}
	link=\${link%/.git}
	case $link in
	/*) ;;
	*) link=$dir/$link ;;
	esac
	if cd -P "$link"; then
		linked=$PWD
		cd "$here" || exit 0
	fi
}

consented() {
	linked=
	cd -P . || return 1
	here=$PWD
	ask "$here"
	if [ -z "$state" ] && [ -n "$linked" ]; then ask "$linked"; fi
	[ "$state" = on ]
}
`;

const payload = `
# The clock in nanoseconds; where it has none, an ordinal within the second stands in for them.
stamp() {
	now=$(date +%s%N)
	case $now in
	*[!0-9]* | '')
		now=$(date +%s)
		set -- "$spool/$now"*
		now=$(printf '%s%09d' "$now" $#)
		;;
	esac
}

# Every 64th call or so looks whether the spool overflows, and drops its oldest quarter.
housekeep() {
	[ $(($$ % 64)) -eq 0 ] || return 0
	set -- "$spool"/*.json
	size=$(du -sk "$spool")
	size=\${size%%[!0-9]*}
	[ $# -gt 20000 ] || [ "\${size:-0}" -gt 524288 ] || return 0
	left=$(($# / 4 + 1))
	echo "$left" >>"$spool/dropped"
	(cd "$spool" && ls | grep '^[0-9]' | head -n "$left" | xargs rm -f)
}
`;

const boundary = `
# True if the process that wrote the heartbeat lives and wrote it within the last 3 seconds.
engine_answers() {
	[ -r "$spool/.heartbeat" ] || return 1
	read -r beat pid <"$spool/.heartbeat"
	case $beat$pid in
	*[!0-9]* | '') return 1 ;;
	esac
	[ $((\${now%?????????} - beat)) -le 3 ] && kill -0 "$pid"
}

await_engine() {
	polls=0
	while [ ! -e "$spool/done/$stem" ] && [ "$polls" -lt 150 ]; do
		[ $((polls % 20)) -ne 19 ] || kill -0 "$pid" || return 0
		sleep 0.005
		polls=$((polls + 1))
	done
}

# Writes the one line that says how the boundary was marked.
mark() {
	printf '%s\\n' "$1" >"$spool/.$stem.mark" && mv -f "$spool/.$stem.mark" "$spool/$stem.boundary"
}
`;

const main = `
case $harness in
'' | *[!a-z-]*) leave ;;
esac
consented || leave
[ -d "$spool" ] || mkdir -p "$spool"
housekeep
stamp
stem=$now-$$.$harness
draft=$spool/.$stem.tmp
trap 'rm -f "$draft"; exit 0' 1 2 3 13 15
if ! cat >"$draft" || [ ! -s "$draft" ]; then
	rm -f "$draft"
	leave
fi
case $event in
${quietEvents.join(" | ")}) boundary= ;;
*) boundary=1 ;;
esac
answers=
if [ -n "$boundary" ]; then
	if engine_answers; then answers=1; else snapshot; fi
fi
mv -f "$draft" "$spool/$stem.json" || rm -f "$draft"
[ -z "$answers" ] || await_engine
exit 0
`;
