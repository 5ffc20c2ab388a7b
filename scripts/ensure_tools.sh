#!/bin/sh
# Installs what the tests need besides Python packages, where it is missing and we may; else says how.
# With the argument “peers” also a Request Tracker, whose programs tests start with a database of their own.
# PAIDSUPPORT_NO_APT=1 never installs; CHROMIUM=/path and PG_BINDIR=/path name tools of your own.
# Always succeeds: tests without their tool are skipped, or fail where PAIDSUPPORT_REQUIRE asks for it.

has() { command -v "$1" >/dev/null 2>&1; }

# The first one is half of the work for the machine.
has_chromium() {
  [ -n "$CHROMIUM" ] || has chromium-headless-shell || has chromium || has chromium-browser || has google-chrome-stable
}
has_fonts() { find /usr/share/fonts /usr/local/share/fonts ~/.fonts -name '*.[ot]tf' 2>/dev/null | grep -q .; }
has_postgres() { [ -n "$PG_BINDIR" ] || has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_dovecot() { has dovecot || [ -x /usr/sbin/dovecot ]; }
# Playwright's own node links it; a minimal Debian lacks it.
has_libatomic() { PATH="$PATH:/sbin" ldconfig -p 2>/dev/null | grep -q libatomic.so.1; }
has_tracker() { [ -x /usr/share/request-tracker5/libexec/rt-server ] && has plackup; }
has_sqlite() { perl -MDBD::SQLite -e 1 2>/dev/null; }

missing=
has_chromium || missing="$missing chromium-headless-shell"
has_fonts || missing="$missing fonts-dejavu-core"
has_postgres || missing="$missing postgresql"
has_dovecot || missing="$missing dovecot-imapd"
has_libatomic || missing="$missing libatomic1"
if [ "$1" = peers ]; then
  { has_tracker && has_sqlite; } || missing="$missing request-tracker5 rt5-db-sqlite rt5-standalone"
  # It wants a program that sends mail, and would bring a whole server. Ours sends none.
  [ -x /usr/sbin/sendmail ] || has_tracker || missing="$missing msmtp-mta"
fi
[ -n "$missing" ] || exit 0

if [ -n "$PAIDSUPPORT_NO_APT" ] || ! has apt-get; then
  echo "test tools missing:$missing; the tests that need them are skipped"
  exit 0
elif [ "$(id -u)" = 0 ]; then
  as_root=
elif sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  echo "test tools missing:$missing; the tests that need them are skipped. To have them run:"
  echo "  sudo apt-get install --no-install-recommends$missing"
  exit 0
fi

echo "installing test tools:$missing"
# Without recommends, for Chromium's pull in a printing system. $missing and $as_root are lists of words.
$as_root apt-get update -qq </dev/null
# Older systems have the whole of Chromium only.
apt-cache show chromium-headless-shell >/dev/null 2>&1 ||
  missing=$(echo "$missing" | sed s/chromium-headless-shell/chromium/)
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null ||
  echo "apt-get failed; the tests that need$missing are skipped"
exit 0
