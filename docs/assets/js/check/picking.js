// Files that a reader chose or dropped: those of one folder, and none of folders inside it.

/** The files of an input, without those of folders inside the folder that was chosen. @param {FileList} files @returns {File[]} */
export function chosenIn(files) {
  return [...files].filter((file) => file.webkitRelativePath.split("/").length <= 2);
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
    if (!some.length) return Promise.all(files.map(fileOf));
    files.push(...some.filter((entry) => entry.isFile));
  }
}

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
