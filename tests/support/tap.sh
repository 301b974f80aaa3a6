# tap - sourced by the test scripts (bash): a folder of their own to work in, and checks that speak TAP.
#
# From meson, in the environment: RETORT (the binary), SOURCE_ROOT, BUILD_ROOT. A script runs its checks and ends with
# `done_testing`. What a failing check printed stands below it as a comment.
set -uo pipefail
: "${RETORT:?}" "${SOURCE_ROOT:?}" "${BUILD_ROOT:?}"

tap_n=0 tap_failed=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/retort-test.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
unset RETORT_PLUGIN_PATH RETORT_DATA NO_COLOR
export XDG_DATA_HOME="$scratch/share" LC_ALL=C.UTF-8

# check NAME COMMAND...: the command succeeds.
check () {
  local name=$1 output
  shift
  tap_n=$((tap_n + 1))
  if output=$("$@" 2>&1); then
    echo "ok $tap_n - $name"
    return 0
  fi
  echo "not ok $tap_n - $name"
  printf '%s\n' "failed: $*" "$output" | head -n 60 | cut -c -400 | sed 's/^/# /'
  tap_failed=$((tap_failed + 1))
  return 1
}

# skip NAME REASON
skip () {
  tap_n=$((tap_n + 1))
  echo "ok $tap_n - $1 # SKIP $2"
}

# skip_all NAME REASON: and ends the script.
skip_all () {
  skip "$@"
  done_testing
}

done_testing () {
  echo "1..$tap_n"
  exit "$((tap_failed > 0))"
}

# Commands for `check` -------------------------------------------------------------------------------------------------

# exits STATUS COMMAND...: stdout goes to the file `out`, stderr to `err`.
exits () {
  local expected=$1 status
  shift
  "$@" >out 2>err
  status=$?
  [ "$status" -eq "$expected" ] && return 0
  echo "exit status $status, not $expected"
  head -c 2000 out err
  return 1
}

# contains FILE TEXT...: each text stands in the file.
contains () {
  local file=$1 text
  shift
  for text; do
    grep -qF -e "$text" "$file" && continue
    printf "'%s' is not in %s:\n" "$text" "$file"
    head -c 3000 "$file"
    return 1
  done
}

# lacks FILE TEXT...: none of the texts stands in the file.
lacks () {
  local file=$1 text
  shift
  [ -f "$file" ] || { echo "there is no $file"; return 1; }
  for text; do
    grep -nF -e "$text" "$file" || continue
    return 1
  done
}

# same_tree A B: the same files with the same bytes; timing.json, which alone may differ, left out.
same_tree () { diff -r --exclude=timing.json "$1" "$2"; }

is_json () { python3 -c 'import json, sys; json.load (open (sys.argv[1], encoding = "utf-8"))' "$1"; }

# The folder of public corpora, laid out as a data root; nothing where it is absent.
public_data () {
  local data="$SOURCE_ROOT/../shared/data" recordings="$SOURCE_ROOT/../shared/recordings"
  [ -d "$data" ] && [ -d "$recordings" ] || return 1
  mkdir -p "$scratch/data"
  ln -sfn "$(realpath "$data")"/* "$(realpath "$recordings")" "$scratch/data/"
  echo "$scratch/data"
}
