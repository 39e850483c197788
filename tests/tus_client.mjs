// Uploads a file by tus-js-client, as a JSON object on standard input asks; prints the address of the upload.
// Its argument is the folder of the package.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Readable } from "node:stream";

const tus = createRequire(path.resolve(process.argv[2], "x.js"))("tus-js-client");
const asked = JSON.parse(fs.readFileSync(0, "utf8"));

// A source that ends the process when so many bytes were asked of it: in the middle of a part, whatever was buffered.
const deadly = {
  openFile: async () => ({
    size: fs.statSync(asked.file).size,
    slice: async (start, end) => {
      async function* bytes() {
        let sent = start;
        for await (const chunk of fs.createReadStream(asked.file, { start, end: end - 1 })) {
          if (sent > asked.die_after) process.kill(process.pid, "SIGKILL");
          sent += chunk.length;
          yield chunk;
        }
      }
      return { value: Object.assign(Readable.from(bytes()), { size: end - start }), done: true };
    },
    close: () => {},
  }),
};

const upload = new tus.Upload(fs.createReadStream(asked.file), {
  endpoint: asked.endpoint,
  uploadUrl: asked.upload ?? null,
  uploadSize: fs.statSync(asked.file).size,
  chunkSize: asked.chunk ?? Infinity,
  uploadDataDuringCreation: asked.at_once ?? false,
  overridePatchMethod: asked.by_post ?? false,
  headers: { Authorization: `Bearer ${asked.token}` },
  metadata: { filename: asked.name, filetype: "application/zip" },
  retryDelays: [0, 100, 500, 1000, 2000],
  storeFingerprintForResuming: false,
  ...(asked.die_after ? { fileReader: deadly } : {}),
  onUploadUrlAvailable: () => console.log(upload.url),
  onChunkComplete: (_, sent) => {
    if (asked.end_after && sent >= asked.end_after) upload.abort(true).then(() => process.exit(0));
  },
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
});
upload.start();
