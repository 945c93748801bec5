/** The fleet is x86-64: an image that was built on another machine starts there and dies at once with "exec format error". */
import type { Cloud } from '../compose/cloud.ts';
import type { CloudCheck, Finding } from './finding.ts';

const WANTED = 'linux/amd64';
const MOST_NAMED = 5;

type Platforms = Awaited<ReturnType<Cloud['imagePlatforms']>>;

export function judgeImages(images: Platforms): Finding {
  const id = 'image-architecture';
  const known = images.flatMap(({ image, platforms }) => (platforms === null ? [] : [{ image, platforms }]));
  const wrong = known.filter(({ platforms }) => !platforms.includes(WANTED));
  const rest = images.length - known.length;
  const unread = rest === 0 ? '' : `; ${rest} not checked: in no ECR registry, or gone from it`;
  if (wrong.length > 0) {
    const named = wrong.slice(0, MOST_NAMED).map(({ image, platforms }) => `${image} (${platforms.join(', ') || 'none'})`);
    const more = wrong.length > MOST_NAMED ? ` and ${wrong.length - MOST_NAMED} more` : '';
    const remedy = 'Build them for linux/amd64 (`docker build --platform linux/amd64`), then deploy or register them again.';
    return { id, status: 'missing', found: `not for ${WANTED}: ${named.join('; ')}${more}${unread}`, remedy };
  }
  if (known.length === 0)
    return {
      id,
      status: 'skipped',
      found: `not checked: ${images.length === 0 ? 'no task definition is active' : `${rest} images in no ECR registry, or gone from it`}`,
      remedy: null,
    };
  return { id, status: 'ok', found: `${known.length} ${known.length === 1 ? 'image' : 'images'} for ${WANTED}${unread}`, remedy: null };
}

export const imageArchitecture: CloudCheck = {
  id: 'image-architecture',
  check: async (cloud) => {
    if (cloud.stackName !== null) return judgeImages(await cloud.imagePlatforms(cloud.stackName));
    return { id: 'image-architecture', status: 'skipped', found: 'not checked: no deployment is named (--stack)', remedy: null };
  },
};
