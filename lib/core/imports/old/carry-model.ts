/** Finds the registered model that an old file means by a name, and says so when there is none. Pure; called by assemble-spec.ts. */
import { ID_PATTERN } from '../../ids.ts';
import { nearestName } from '../../nearest-name.ts';
import type { RegisteredModel } from '../../registry.ts';
import { idOfGiven } from '../item-ids.ts';
import type { OldContext } from './old-import.ts';

export interface CarriedModel {
  readonly id: string;
  readonly registered: RegisteredModel | null;
  readonly notes: readonly string[];
}

/** By the user's word, by id, or by the last part of a path such as `owner/name`, ignoring case. */
export function carryModel(name: string, { models, renamed }: OldContext): CarriedModel {
  const wanted = renamed.get(name) ?? name;
  const last = wanted.split('/').at(-1) ?? wanted;
  const id = [...models.keys()].find((each) => [wanted, last].some((text) => text.toLowerCase() === each.toLowerCase()));
  if (id !== undefined) {
    const notes = id === name ? [] : [`the model ${JSON.stringify(name)} is taken for the registered ${id}`];
    return { id, registered: models.get(id) ?? null, notes };
  }
  const nearest = nearestName(last, models.keys());
  const hint = nearest === null ? '' : ` (the nearest name is ${nearest})`;
  const note = `the model ${JSON.stringify(name)} is not registered${hint}: register it, or import again with --model ${JSON.stringify(`${name}=<id>`)}`;
  return { id: ID_PATTERN.test(last) ? last : idOfGiven(last), registered: null, notes: [note] };
}
