/** `npm run e2e:clean [-- --images]`: removes what an interrupted `npm run e2e` left; with --images its cached images too. */
import { cleanUp, removeImages } from './clean-up.ts';

const containers = await cleanUp();
const images = process.argv.includes('--images') ? await removeImages() : 0;
process.stdout.write(`removed ${containers} containers, ${images} images\n`);
