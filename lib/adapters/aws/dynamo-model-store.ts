/** Images that were registered while the system runs: the `ModelStore` port on DynamoDB. Made by lib/compose. */
import type { ModelStore } from '../../core/ports.ts';
import { type RegisteredImage, registeredImageSchema } from '../../core/result-record.ts';
import { itemOf, recordOf } from './dynamo-items.ts';
import { itemKeys, partitions, sortPrefixes } from './dynamo-keys.ts';
import { type DynamoTableOptions, dynamoTable } from './dynamo-table.ts';

/** Errors: those of dynamo-table.ts and dynamo-items.ts; `bad-id`. All images share a partition: they are read as a list. */
export function dynamoModelStore(options: DynamoTableOptions): ModelStore {
  const table = dynamoTable(options);
  return {
    putImage: async (record) => {
      const item = itemOf(itemKeys.image(record.manifest.id), record, { version: record.version });
      return record.version === 1 ? table.putIfAbsent(item) : table.putIfVersion(item, record.version - 1);
    },
    getImage: async (modelId) => {
      const item = await table.get(itemKeys.image(modelId));
      return item === null ? null : recordOf(registeredImageSchema, item);
    },
    listImages: async () => {
      const images: RegisteredImage[] = [];
      for await (const item of table.range(partitions.images, sortPrefixes.images)) images.push(recordOf(registeredImageSchema, item));
      return images;
    },
  };
}
