// Pictures and videos as they are chosen, and as they are sent: scaled here, so that little is.
export const THUMBNAIL = 640, LARGE = 1280;

// An image, or a video, that can be drawn.
export async function opened(file) {
  const video = !file.type.startsWith("image/"), source = document.createElement(video ? "video" : "img");
  source.muted = true;
  source.src = URL.createObjectURL(file);
  await new Promise((done, fail) => {
    source.addEventListener(video ? "loadeddata" : "load", done);
    source.addEventListener("error", () => fail(new Error(`This browser cannot show that ${video ? "video" : "file"}.`)));
  });
  return source;
}

// A picture of at most so many pixels a side, as JPEG.
export function scaled(source, side) {
  const width = source.videoWidth || source.naturalWidth, height = source.videoHeight || source.naturalHeight;
  const factor = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * factor));
  canvas.height = Math.max(1, Math.round(height * factor));
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}
