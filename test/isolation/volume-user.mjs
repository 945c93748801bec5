/**
 * One user of a task's volumes, inside a container of shared-volumes.test.ts: does each action of its argument, prints what became of them.
 * The driver's actions are those of lib/driver, mounted at /bakeoff/lib.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';

const actions = {
  write: (path) => writeFileSync(path, 'written'),
  read: (path) => readFileSync(path, 'utf8'),
  list: (path) => readdirSync(path),
  mode: (path) => (statSync(path).mode & 0o7777).toString(8),
  rename: (path) => renameSync(path, `${path}.gone`),
  link: (path) => symlinkSync('/inputs', path),
  closedFolder: (path) => {
    mkdirSync(path);
    writeFileSync(`${path}/file`, 'mine');
    chmodSync(path, 0o700);
  },
  make: async (folders) => {
    const { makeTaskFolders, SHARED_UMASK } = await import('/bakeoff/lib/driver/task-folders.ts');
    process.umask(SHARED_UMASK);
    await makeTaskFolders(folders);
  },
  lane: async (outputsDir) => {
    const { outputFolders } = await import('/bakeoff/lib/driver/output-folders.ts');
    const { SHARED_UMASK } = await import('/bakeoff/lib/driver/task-folders.ts');
    process.umask(SHARED_UMASK);
    return outputFolders(outputsDir, 1).folderOf(0);
  },
  discard: async (outputsDir) => {
    const { outputFolders } = await import('/bakeoff/lib/driver/output-folders.ts');
    const folders = outputFolders(outputsDir, 1);
    // The first folder of a lane has the same name in every process.
    await folders.folderOf(0);
    await folders.discard(0);
  },
  remove: async (folders) => (await import('/bakeoff/lib/driver/task-folders.ts')).removeTaskFolders(folders),
};

const results = [];
for (const [name, argument] of JSON.parse(process.argv[2])) {
  try {
    results.push((await actions[name](argument)) ?? 'done');
  } catch (error) {
    results.push(error.code ?? String(error));
  }
}
console.log(JSON.stringify(results));
