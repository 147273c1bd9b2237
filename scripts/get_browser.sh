#!/usr/bin/env bash
# Chromium for the browser tests and a font with Chinese letters for
# screenshots, from the distribution, if missing.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

missing=()
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
# Without fontconfig there is nobody to ask; the browser brings it along.
if ! command -v fc-list >/dev/null || [ -z "$(fc-list :lang=zh-cn)" ]; then
  missing+=(fontconfig fonts-wqy-zenhei)
fi
if [ ${#missing[@]} -gt 0 ]; then apt_install "${missing[@]}"; fi
