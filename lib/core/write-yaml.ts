/** YAML for people: specs and descriptions of suites that an import writes, with comments above them. The counterpart of parse-spec-document.ts. */
import { stringify } from 'yaml';

/** `comments` stand above the document, one a line; what would end a line within one becomes a space. */
export function writeYaml(document: unknown, comments: readonly string[] = []): string {
  const head = comments.map((comment) => `# ${comment.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')}\n`).join('');
  return `${head}${stringify(document, { version: '1.2', lineWidth: 120, aliasDuplicateObjects: false })}`;
}
