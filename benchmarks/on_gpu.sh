#!/usr/bin/env bash
# What to do where a GPU is at hand for some minutes: train both bodies for as long as that may take,
# and time the engine at 720p, 1080p and 4K. Not run yet: none was at hand.
set -euo pipefail
if [ $# != 4 ]; then
	echo "usage: $0 OUT TEACHERS PHOTOGRAPHS MINUTES-A-BODY" >&2
	exit 2
fi
out=$1 teachers=$2 photographs=$3 minutes=$4
mkdir -p "$out"

shipped=$(python -c 'from style_pipeline.styles import BODY; print(BODY)')

train() { # SIZE ITERATIONS
	local start=()
	# The larger body begins with what the smaller one that ships has learned.
	if [ "$1" = fine ]; then start=(--start "$shipped"); fi
	python -m style_pipeline.training body "$out/$1" --size "$1" --iterations "$2" --batch 8 \
		--teachers "$teachers" --photographs "$photographs" --device cuda \
		"${start[@]}"
}

for size in standard fine; do
	# The pace of the first iterations says how many more there is time for.
	paced=200 started=$SECONDS
	train "$size" $paced
	taken=$((SECONDS - started + 1))
	train "$size" $((paced + (minutes * 60 - taken) * paced / taken))
done

clip=$out/sample.mp4
python -c 'import sys; from pathlib import Path; from style_pipeline.cli.sample_clip import write_clip
write_clip(Path(sys.argv[1]))' "$clip"
ffmpeg=$(python -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')
for size in 1280x720 1920x1080 3840x2160; do
	"$ffmpeg" -y -loglevel error -i "$clip" -vf "scale=${size/x/:}" -an "$out/$size.mp4"
	for quality in standard fine; do
		python -m benchmarks.engine "$out/$size.mp4" --style starry-night --quality $quality |
			tee "$out/engine-$size-$quality.txt"
	done
done
