#!/usr/bin/env bash
# Installs what is missing on Debian/Ubuntu and says so. usage: setup.sh run | test
#   run   what building and running dayu needs: a C compiler, GDAL, a Chinese font, Rust
#   test  besides: what the end-to-end tests open the products with
set -euo pipefail
want=${1:-run}

say() { printf '==> %s\n' "$*"; }
missing=()
need_package() { dpkg -s "$1" >/dev/null 2>&1 || missing+=("$1"); }

if command -v apt-get >/dev/null 2>&1; then
  for p in build-essential pkg-config ca-certificates libgdal-dev gdal-bin fonts-noto-cjk; do need_package "$p"; done
  if [ "$want" = test ]; then
    for p in python3 python3-venv poppler-utils chromium; do need_package "$p"; done
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    say "安装系统软件包 installing system packages: ${missing[*]}"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
  fi
else
  say "不是 Debian/Ubuntu：请自备 GDAL ≥ 3.4（含开发文件）、Noto Sans CJK 字体 / not Debian/Ubuntu: provide GDAL 3.4+ with headers and Noto Sans CJK"
fi

if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then PATH="$HOME/.cargo/bin:$PATH"; fi
if ! command -v cargo >/dev/null 2>&1; then
  as_root=""
  [ "$(id -u)" = 0 ] || as_root=sudo
  if apt-cache policy rustup 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    say "安装 Rust installing Rust (rustup, from the distribution)"
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends rustup >/dev/null
    rustup default stable
  else
    say "安装 Rust installing Rust (rustup, from rust-lang.org, into ~/.cargo)"
    command -v curl >/dev/null 2>&1 || DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends curl >/dev/null
    if ! curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal -c rustfmt --no-modify-path; then
      echo "未能下载 Rust：请按 rust-lang.org 的说明安装 Rust ≥ 1.92 后重试 / Rust could not be downloaded: install Rust 1.92 or newer as rust-lang.org says, then try again" >&2
      exit 1
    fi
    PATH="$HOME/.cargo/bin:$PATH"
  fi
fi
version=$(cargo --version | awk '{print $2}')
if [ "$(printf '%s\n1.92.0\n' "$version" | sort -V | head -n 1)" != "1.92.0" ]; then
  echo "Rust $version 太旧，需要 ≥ 1.92 / Rust $version is too old, 1.92 or newer is needed" >&2
  exit 1
fi

if [ "$want" = test ]; then
  venv=${DAYU_CACHE:?}/venv
  if ! "$venv/bin/python" -c 'import openpyxl, docx, grpc, grpc_tools, pyarrow' 2>/dev/null; then
    say "建立 Python 测试环境 making the Python environment of the tests: openpyxl, python-docx, grpcio, pyarrow"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check openpyxl python-docx 'grpcio>=1.60' 'grpcio-tools>=1.60' pyarrow
  fi
fi
say "环境就绪 ready: Rust $version, GDAL $(gdal-config --version 2>/dev/null || echo '?')"
