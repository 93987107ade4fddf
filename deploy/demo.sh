#!/usr/bin/env bash
# Runs the main job on the shipped 烟花 replay and says where the products lie. usage: demo.sh DAYU
set -euo pipefail
dayu=$1
out=out/demo
cat <<'TXT'

大禹演示 dayu demo：西湖区，2021 年第 6 号台风“烟花”复盘（真实雨量总量与响应时间线，构造的地形与台账）
In-Fa 2021 replay over Xihu district (real rain totals and timeline; constructed terrain and registers).
约 1–2 分钟：读入 → 推演 → 评估 → 研判 → 关注、Ⅳ、Ⅲ、Ⅱ、Ⅰ 五个级别的一张图、一张单、一张表
TXT
"$dayu" run scenarios/xihu-infa-2021 --out "$out" --overwrite
