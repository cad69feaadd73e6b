#!/usr/bin/env bash
# Unpacks Debian's Chromium with the libraries and fonts that are missing here into the folder $1, as $1/chromium.
# Needs apt with up-to-date lists, and no rights.
set -euo pipefail

folder=$1
mkdir -p "$folder/packages/partial" "$folder/root"
apt-get install --yes --no-install-recommends --download-only \
  -o Debug::NoLocking=1 -o "Dir::Cache::archives=$folder/packages" chromium fonts-dejavu-core fonts-liberation
for package in "$folder"/packages/*.deb; do
  dpkg-deb --extract "$package" "$folder/root"
done

# Which fonts stand for the families that pages ask for.
cat >"$folder/fonts.conf" <<END
<?xml version="1.0"?>
<fontconfig>
  <dir>$folder/root/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>$folder/fonts.cache</cachedir>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <match target="pattern">
    <edit name="family" mode="append_last" binding="weak"><string>Liberation Sans</string></edit>
  </match>
</fontconfig>
END

libraries=$(find "$folder/root" -name '*.so*' -path '*/lib/*' -printf '%h\n' | sort -u | paste -sd:)
cat >"$folder/chromium" <<END
#!/bin/sh
export LD_LIBRARY_PATH='$libraries' FONTCONFIG_FILE='$folder/fonts.conf'
exec '$folder/root/usr/lib/chromium/chromium' "\$@"
END
chmod +x "$folder/chromium"
rm -r "$folder/packages"
