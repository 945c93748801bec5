/**
 * The setting that holds the fleet, for the functions that place packages: apart from the others, because it brings the catalogue of
 * instances and its prices, which the rest would load for nothing.
 */
import { deployedFleetSchema } from '../core/deployed-fleet.ts';
import { jsonText } from './function-settings.ts';

export const fleetSetting = { fleet: jsonText(deployedFleetSchema) };
