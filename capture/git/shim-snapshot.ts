/**
 * A snapshot with plain git, for the hook shim to take while no engine is alive.
 *
 * POSIX sh. Defines `ot_snapshot <harness> <native id> <at ms>`, to be called in the tool's working
 * folder. It prints the id of the snapshot's commit, or nothing if it took none, writes nothing
 * else, always succeeds, and gives up after `OT_SNAPSHOT_SECONDS` (default 4).
 *
 * It takes one only where an engine has made the store before, and keeps the engine's rules: the
 * user's index is copied, objects go to the store, and untracked secrets, ignored files, nested
 * repositories and files over 8 MiB stay out, and are noted. Above 200 changed paths it takes none.
 * It is one pack, which holds all that no pin keeps.
 */
export const shimSnapshotScript = String.raw`
ot_git() {
  git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.logAllRefUpdates=false \
    -c core.quotePath=true -c gc.auto=0 -c protocol.allow=never --no-optional-locks "$@"
}

# Notes what is left out: why, then the path as git quotes it. A name that JSON would need escapes
# for, beyond bytes above 127, is noted without itself; a file above 256 MiB without its hash.
ot_skip() {
  ot_name=$2
  case $ot_name in
    \"*\\[!0-3]*) ot_name= ;;
    \"*)
      ot_name=$(printf '%s' "$ot_name" | sed 's/^"//; s/"$//; s/\\\([0-3][0-7][0-7]\)/\\0\1/g')
      ot_name=$(printf '%b' "$ot_name")
      ;;
  esac
  ot_facts=
  if [ -n "$ot_name" ] && [ -f "$ot_name" ] && [ ! -h "$ot_name" ]; then
    ot_facts="\"sizeBytes\":$(($(wc -c <"$ot_name"))),"
    [ -n "$(find "./$ot_name" -prune -size +524288)" ] ||
      ot_facts="\"hash\":\"$(ot_git hash-object --no-filters -- "./$ot_name")\",$ot_facts"
  fi
  printf 'Skipped: {%s"path":"%s","why":"%s"}\n' "$ot_facts" "$ot_name" "$1" >>"$ot_skipped"
}

# Paths on stdin, one a line as git quotes them; folders and files over 8 MiB are left out.
ot_small() {
  ot_count=0
  while IFS= read -r ot_path; do
    case $ot_path in
      */)
        ot_skip nested-repository "${"$"}{ot_path%/}"
        continue
        ;;
      */\")
        ot_skip nested-repository "${"$"}{ot_path%/\"}\""
        continue
        ;;
      \"*) ;;
      *)
        if [ -f "$ot_path" ] && [ -n "$(find "./$ot_path" -prune -size +16384)" ]; then
          ot_skip over-limit "$ot_path"
          continue
        fi
        ;;
    esac
    ot_count=$((ot_count + 1))
    [ "$ot_count" -le 200 ] || return 1
    printf '%s\n' "$ot_path"
  done
}

# Whether a path's name says secret: .env*, *.pem, id_* of letters, digits, - and _, also .pub.
ot_is_secret() {
  ot_base_name=${"$"}{1##*/}
  ot_base_name=${"$"}{ot_base_name#\"}
  ot_base_name=${"$"}{ot_base_name%\"}
  case $ot_base_name in
    .env* | *.pem) return 0 ;;
    id_?*) ;;
    *) return 1 ;;
  esac
  case ${"$"}{ot_base_name%.pub} in *[!A-Za-z0-9_-]*) return 1 ;; esac
}

# Untracked names that say secret are noted, and go no further.
ot_public() {
  while IFS= read -r ot_path; do
    if ot_is_secret "$ot_path"; then
      ot_skip secret-name "$ot_path"
    else
      printf '%s\n' "$ot_path"
    fi
  done
}

ot_changed() {
  ot_git ls-files --modified --deleted
  ot_git ls-files --unmerged | sed 's/^[^	]*	//'
  ot_git ls-files --others --exclude-standard | head -n 400 | ot_public
}

# The commit that is HEAD, and its tree. What is to be pinned is noted in the store first.
ot_pin() {
  grep -q " $2\$" "$ot_store/pinned" 2>/dev/null || printf '%s %s\n' "$1" "$2" >>"$ot_store/pinned"
  ot_git for-each-ref '--format=%(objectname)' 'refs/opentraces-pin-*' | grep -q "^$2\$" && return 0
  ot_n=$(ot_git for-each-ref '--format=%(refname)' 'refs/opentraces-pin-*' |
    sed 's|.*-||' | sort -n | tail -n 1)
  ot_git update-ref "refs/opentraces-pin-$((ot_n + 1))" "$2" "$ot_zero"
}

ot_body() (
  unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_COMMON_DIR GIT_PREFIX \
    GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE GIT_CONFIG GIT_CONFIG_PARAMETERS \
    GIT_CONFIG_COUNT GIT_EXTERNAL_DIFF GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS \
    GIT_NOGLOB_PATHSPECS GIT_ICASE_PATHSPECS GIT_GRAFT_FILE GIT_SHALLOW_FILE GIT_ATTR_SOURCE
  export LC_ALL=C GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 GIT_NO_REPLACE_OBJECTS=1
  export GIT_NO_LAZY_FETCH=1

  ot_top=$(ot_git rev-parse --show-toplevel) && cd "$ot_top" || exit 1
  case "$HOME/" in "$ot_top"/*) exit 1 ;; esac
  ot_dir=$(ot_git rev-parse --absolute-git-dir) || exit 1
  ot_common=$(ot_git rev-parse --path-format=absolute --git-common-dir) || exit 1
  ot_store=$ot_common/opentraces
  [ -f "$ot_store/config" ] || exit 1

  ot_tree_name=main
  case $ot_dir in "$ot_common"/worktrees/*) ot_tree_name=$(basename "$ot_dir") ;; esac
  case "$1$2$ot_tree_name" in *[!A-Za-z0-9._-]*) exit 1 ;; esac
  ot_ref=refs/opentraces/$(printf '%s/%s/%s' "$1" "$2" "$ot_tree_name" | sed 's/\./%2E/g')

  ot_index=$ot_store/shim-index.$$
  ot_objects=$ot_store/incoming/shim.$$
  ot_skipped=$ot_objects/skipped
  trap 'rm -rf "$ot_index" "$ot_index.lock" "$ot_objects"' EXIT
  mkdir -p "$ot_objects" && : >"$ot_skipped" || exit 1
  # With its times: by them git knows which of its entries a quick edit may have outrun.
  [ ! -f "$ot_dir/index" ] || cp -p "$ot_dir/index" "$ot_index" || exit 1
  export GIT_INDEX_FILE="$ot_index"
  ot_base=$(ot_git rev-parse --quiet --verify 'HEAD^{commit}') || ot_base=none
  ot_zero=$(ot_git hash-object -t tree /dev/null | sed 's/./0/g')
  if [ "$ot_base" != none ]; then
    ot_base_tree=$(ot_git rev-parse --verify "$ot_base^{tree}") || exit 1
    ot_pin "$ot_base" "$ot_base_tree" || exit 1
  fi

  export GIT_OBJECT_DIRECTORY="$ot_objects"
  export GIT_ALTERNATE_OBJECT_DIRECTORIES="$ot_store/objects"
  ot_paths=$(ot_changed | ot_small) || exit 1
  [ -z "$ot_paths" ] || printf '%s\n' "$ot_paths" | ot_git update-index --add --remove --stdin ||
    exit 1
  ot_tree=$(ot_git write-tree) || exit 1
  unset GIT_INDEX_FILE

  ot_old=$(ot_git --git-dir="$ot_store" rev-parse --quiet --verify "$ot_ref^{commit}") || ot_old=
  if [ -n "$ot_old" ]; then
    if [ "$(ot_git --git-dir="$ot_store" rev-parse "$ot_old^{tree}")" = "$ot_tree" ]; then
      printf '%s\n' "$ot_old"
      exit 0
    fi
  fi
  export GIT_AUTHOR_NAME=opentraces GIT_AUTHOR_EMAIL=opentraces@localhost
  export GIT_COMMITTER_NAME=opentraces GIT_COMMITTER_EMAIL=opentraces@localhost
  export GIT_AUTHOR_DATE="$(($3 / 1000)) +0000" GIT_COMMITTER_DATE="$(($3 / 1000)) +0000"
  ot_commit=$({
    printf 'opentraces snapshot\n\nCause: shim\nAt-Ms: %s\nBase: %s\nWorktree: %s\n' \
      "$3" "$ot_base" "$ot_tree_name"
    LC_ALL=C sort "$ot_skipped"
  } |
    ot_git --git-dir="$ot_store" commit-tree "$ot_tree" ${"$"}{ot_old:+-p "$ot_old"} -F -) || exit 1
  # All that it holds beyond its base and the one before, also what the user's database has too:
  # there nothing but the index may keep it.
  {
    printf '%s\n' "$ot_commit"
    [ -z "$ot_old" ] || printf '^%s\n' "$ot_old"
    [ "$ot_base" = none ] || printf '^%s\n' "$ot_base_tree"
  } | ot_git --git-dir="$ot_store" pack-objects --revs -q \
    "$ot_store/objects/pack/pack" >/dev/null || exit 1
  unset GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
  ot_git --git-dir="$ot_store" update-ref "$ot_ref" "$ot_commit" \
    "${"$"}{ot_old:-$ot_zero}" || exit 1
  printf '%s\n' "$ot_commit"
)

# The body never holds the caller's pipe: a git that hangs cannot keep the agent waiting.
ot_take() {
  ot_id=$(exec 3>&- && ot_body "$@") && printf '%s\n' "$ot_id" >&3
}

ot_snapshot() {
  # By exec, for a shell keeps a copy of what a call redirects, and its children inherit that.
  (
    exec 3>&1 </dev/null >/dev/null 2>&1
    ot_take "$@"
  ) &
  ot_pid=$!
  (
    sleep "${"$"}{OT_SNAPSHOT_SECONDS:-4}"
    kill "$ot_pid"
  ) </dev/null >/dev/null 2>&1 &
  ot_timer=$!
  wait "$ot_pid" 2>/dev/null
  kill "$ot_timer" 2>/dev/null
  return 0
}
`;
