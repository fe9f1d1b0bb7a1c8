// Files that a reader chose or dropped: those of one folder, and none of folders inside it.

export const MOST = 5000; // files of one checkpoint: of more, the first that are too many are not looked for

/** The files of an input, without those of folders inside the folder that was chosen. @param {FileList} files @returns {File[]} */
export function chosenIn(files) {
  const found = [];
  for (const file of files) {
    if (file.webkitRelativePath.split("/").length <= 2) found.push(file);
    if (found.length > MOST) break;
  }
  return found;
}

/** The files that were dropped, or those of the folder that was. @param {DataTransfer} transfer @returns {Promise<File[]>} */
export async function droppedIn(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = await Promise.all(entries.filter(Boolean).map((entry) => (entry instanceof File ? [entry] : entry.isDirectory ? inFolder(entry) : fileOf(entry).then((file) => [file]))));
  return found.flat();
}

async function inFolder(folder) {
  const reader = folder.createReader();
  const files = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    if (!some.length || files.length > MOST) return Promise.all(files.map(fileOf));
    files.push(...some.filter((entry) => entry.isFile));
  }
}

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
