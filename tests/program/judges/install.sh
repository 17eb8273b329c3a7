#!/usr/bin/env bash
# Installs Debian packages without starting their daemons: install.sh PACKAGE...
#
# Debian starts a daemon when its package is installed, unless /usr/sbin/policy-rc.d says no (exit code 101: invoke-rc.d(8)).
# Ours says no for the length of this call. What was there before is put back, also when the installation fails, and after
# a call that was killed by the next one.
set -euo pipefail

policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
saved=$policy.before-mxcensus
mark="mxcensus: no daemon is started while its judges are installed"

put_back() {
    if grep -qs "$mark" "$policy"; then rm -f "$policy"; fi
    if [ -e "$saved" ] || [ -L "$saved" ]; then mv -f "$saved" "$policy"; fi
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "$@"; do
    is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "Not root on Debian: tests against real servers run only where these are installed: ${missing[*]}"
    exit 0
fi

exec 9>"${LOCK:-/run/lock/mxcensus-judges}"
flock 9
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -qq -o DPkg::Lock::Timeout=600 "$@"; }
apt update
# Their dependencies too, for some of them bring the daemon; without what is there already and only becomes newer.
mapfile -t new < <(apt -s install --no-install-recommends "${missing[@]}" | sed -n 's/^Inst \([^ ]*\) (.*/\1/p')
echo "Installing from Debian, without starting a daemon now or at the next boot: ${new[*]}"

put_back
trap put_back EXIT
trap 'exit 1' INT TERM HUP
if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$saved"; fi
printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >"$policy"
chmod 755 "$policy"
apt install -y --no-install-recommends "${missing[@]}" >/dev/null

# Debian enables what it installs. The tests start servers of their own, with configurations of their own.
for package in "${new[@]}"; do
    dpkg-query -L "$package" | sed -n 's|^.*/systemd/system/\([^/@]*\)\.service$|\1|p; s|^/etc/init\.d/||p' | sort -u |
        while read -r service; do
            ! command -v update-rc.d >/dev/null || update-rc.d "$service" disable >/dev/null 2>&1 || true
            ! command -v systemctl >/dev/null || systemctl --quiet disable "$service" 2>/dev/null || true
        done
done
