/**
 * Every package is built in the same way, with the folder models/ as the context: the Dockerfiles are read here, since the machine that
 * tests may have no Docker.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { USERS } from '../../lib/core/environment-names.ts';

const models = join(import.meta.dirname, '../../models');
const packages = readdirSync(models).filter((id) => existsSync(join(models, id, 'model.yaml')));

/** The instructions of a package's Dockerfile: comments left out, continued lines joined. */
function instructionsOf(id: string): string[] {
  const text = readFileSync(join(models, id, 'Dockerfile'), 'utf8');
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  return lines.map((line) => line.trim().replace(/\s+/g, ' ')).filter((line) => line !== '' && !line.startsWith('#'));
}

function argumentsOf(id: string, instruction: string): string[] {
  const found = instructionsOf(id).filter((line) => line.startsWith(`${instruction} `));
  return found.map((line) => line.slice(instruction.length + 1));
}

/** What is copied, relative to models/, without the target. */
function copiedBy(id: string): string[] {
  return argumentsOf(id, 'COPY').flatMap((words) => words.split(' ').slice(0, -1));
}

/** The package's own programs: what the image must hold beside libraries. */
function sourcesOf(id: string): string[] {
  return readdirSync(join(models, id)).filter((name) => /\.(py|mjs)$/.test(name));
}

describe.each(packages)('the Dockerfile of %s', (id) => {
  it('says how it is built, in the folder models/', () => {
    const text = readFileSync(join(models, id, 'Dockerfile'), 'utf8');
    expect(text).toContain(`docker build -f models/${id}/Dockerfile -t bakeoff/${id} models`);
  });

  it('builds on the image that the caller names', () => {
    const [first, second] = instructionsOf(id);
    expect(first).toMatch(/^ARG BASE_IMAGE=\S+$/);
    expect(second).toBe(`FROM \${BASE_IMAGE}`);
    expect(argumentsOf(id, 'FROM')).toHaveLength(1);
  });

  it('copies only what lies under models/, the manifest among it', () => {
    const copied = copiedBy(id);
    expect(copied.filter((path) => !existsSync(join(models, path)))).toEqual([]);
    expect(copied.filter((path) => !path.startsWith(`${id}/`) && path !== '_server/src')).toEqual([]);
    expect(copied).toContain(`${id}/model.yaml`);
  });

  it('runs as the user and in the group that hosts know, and listens on 8000', () => {
    expect(argumentsOf(id, 'USER').at(-1)).toBe(`${USERS.modelUid}:${USERS.sharedGid}`);
    expect(argumentsOf(id, 'EXPOSE')).toEqual(['8000']);
  });

  it('installs what its lock lists, and nothing else', () => {
    const installs = argumentsOf(id, 'RUN').filter((line) => /\b(pip|npm|apt|apt-get|apk|curl|wget)\b/.test(line));
    expect(installs).toHaveLength(1);
    const [line = ''] = installs;
    if (copiedBy(id).includes(`${id}/package-lock.json`)) expect(line).toMatch(/^npm ci .*--ignore-scripts/);
    else expect(line).toMatch(/pip install .*--no-deps --require-hashes -r requirements\.lock/);
  });
});

describe('the images', () => {
  it('hold every program that a package starts with', () => {
    const importedBy = (id: string, name: string): boolean => {
      const module = name.replace(/\.py$/, '');
      const others = sourcesOf(id).filter((other) => other !== name && copiedBy(id).includes(`${id}/${other}`));
      return others.some((other) => new RegExp(`^\\s*(from|import) ${module}\\b`, 'm').test(readFileSync(join(models, id, other), 'utf8')));
    };
    const missing = packages.flatMap((id) =>
      sourcesOf(id)
        .filter((name) => name === 'adapter.py' || importedBy(id, name))
        .filter((name) => !copiedBy(id).includes(`${id}/${name}`))
        .map((name) => `${id}/${name}`),
    );
    expect(packages.length).toBeGreaterThan(8);
    expect(missing).toEqual([]);
  });
});

describe.each(packages)('the package %s', (id) => {
  it('has all that a package has', () => {
    const lock = existsSync(join(models, id, 'package.json'))
      ? ['package.json', 'package-lock.json']
      : ['requirements.in', 'requirements.lock'];
    const expected = ['model.yaml', 'Dockerfile', 'README.md', 'tests', ...lock];
    expect(expected.filter((name) => !existsSync(join(models, id, name)))).toEqual([]);
  });
});
