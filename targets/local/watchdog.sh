# lastseat's watchdog. It makes a folder, so that the folder is never there without a guard. It reads process ids until the pipe
# from lastseat is closed, ends the process named last, with what it has started, and removes the folder.
# $1: the folder, $2: the signal that ends this server at once.
dir=$1 quit=$2 pid=0
trap '' HUP INT TERM QUIT PIPE
mkdir -m 700 -- "$dir" || exit 1
echo made
while read -r next; do pid=$next; done

# Every command of ours names the folder, or works in it: another process under a recycled id does not.
ours() {
	[ "$pid" -gt 0 ] || return 1
	if [ -d "/proc/$$" ]; then
		grep -qF -- "$dir" "/proc/$pid/cmdline" || [ "$(readlink "/proc/$pid/cwd")" = "$dir" ]
	else
		ps -p "$pid" -o args= | grep -qF -- "$dir"
	fi
} 2>/dev/null

gone_within() { # tenths of a second
	n=$1
	while ours && [ "$n" -gt 0 ]; do sleep 0.1 && n=$((n - 1)); done
	! ours
}

if ours; then
	kill "-$quit" "$pid" # only itself: initdb ends what it has started in good order, or shared memory stays behind
	sleep 0.02
	gone_within 50
	kill -9 "-$pid" # and all that it has started
	gone_within 50
fi 2>/dev/null

n=50
until rm -rf -- "$dir" || [ "$n" -eq 0 ]; do sleep 0.1 && n=$((n - 1)); done 2>/dev/null
