#!/usr/bin/env bash
# Instructions per analysis of each task, by valgrind: the figure without noise that a change is
# compared by. Run by hand from anywhere: benches/instructions.sh [TASK ...]; needs valgrind.
# The table is kept in benches/instructions.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
tasks=${*:-c c_revman5 m_rr m_or g p e c_ragged g_ragged}
cargo build --release --locked -q -p metapool-core --bench instructions
binary=$(cargo build --release --locked -p metapool-core --bench instructions --message-format=json 2> /dev/null |
    python3 -c 'import json, sys
for line in sys.stdin:
    built = json.loads(line)
    if built.get("executable"): print(built["executable"])')
count() { # instructions of task $1, repeated $2 times
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" "$1" 4000 "$2" 2>&1 |
        awk '/Collected/ { print $NF }'
}
printf '%-12s %s\n' task 'instructions per analysis'
for task in $tasks; do
    once=$(count "$task" 1)
    printf '%-12s %d\n' "$task" $((($(count "$task" 3) - once) / 8000))
done
