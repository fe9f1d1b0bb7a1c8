// Takes pieces of files on a thread of its own, and gives the checksum of each file where it ends.

import { Sha256 } from "./sha256.js";

/** Serves a port: a buffer is a piece, null the end of a file. @param {MessagePort} port */
export function serveDigests(port) {
  let digest = new Sha256();
  port.onmessage = ({ data }) => {
    if (data) {
      digest.update(new Uint8Array(data));
      port.postMessage(null);
    } else {
      port.postMessage(digest.hex());
      digest = new Sha256();
    }
  };
}
