/**
 * The bucket of specs, inputs, rows, outputs and reports: made by the data stack, or adopted from an earlier deployment. The service
 * stack hands it to functions and roles; what is inside is lib/core/object-key.ts's.
 */
import { ArnFormat, CfnDeletionPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IGrantable, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnBucket, CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../core/environment-names.ts';
import type { ServiceFunction } from './service-function.ts';

/** Prefixes that an identity may read and list, or write (create and overwrite); all end in a slash. */
export interface BucketRights {
  readonly read: readonly string[];
  readonly write?: readonly string[];
}

export class ResultsBucket extends Construct {
  readonly name: string;
  readonly arn: string;

  /** With `adopted`, the name of a bucket that exists; nothing is made then. */
  constructor(scope: Construct, id: string, props: { readonly adopted: string | null }) {
    super(scope, id);
    this.name = props.adopted ?? this.makeBucket();
    this.arn = Stack.of(this).formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: this.name,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
  }

  /** Sets the variable and grants the rights together. */
  giveTo(fn: ServiceFunction, rights: BucketRights): void {
    fn.set(ENVIRONMENT.bucket, this.name);
    this.allow(fn, rights);
  }

  allow(grantee: IGrantable, rights: BucketRights): void {
    const statements = [
      ...this.objectStatement(['s3:GetObject', 's3:GetObjectVersion'], rights.read),
      ...this.objectStatement(['s3:PutObject', 's3:AbortMultipartUpload'], rights.write),
      ...this.listStatement(rights.read),
    ];
    for (const statement of statements) grantee.grantPrincipal.addToPrincipalPolicy(statement);
  }

  private objectStatement(actions: string[], prefixes: readonly string[] = []): PolicyStatement[] {
    if (prefixes.length === 0) return [];
    return [new PolicyStatement({ actions, resources: prefixes.map((prefix) => `${this.arn}/${prefix}*`) })];
  }

  /**
   * Whoever reads lists too: S3 answers 403 for an object that is not there to an identity without the right to list the whole bucket, so
   * the adapter then asks by a listing.
   */
  private listStatement(prefixes: readonly string[]): PolicyStatement[] {
    const conditions = { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } };
    return [new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.arn], conditions })];
  }

  private makeBucket(): string {
    const bucket = new CfnBucket(this, 'Bucket', {
      versioningConfiguration: { status: 'Enabled' },
      publicAccessBlockConfiguration: {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      bucketEncryption: { serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }] },
      ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
      // The L2 property of this name would add a function of its own to set it.
      notificationConfiguration: { eventBridgeConfiguration: { eventBridgeEnabled: true } },
      lifecycleConfiguration: {
        rules: [
          { id: 'incomplete-uploads', status: 'Enabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 2 } },
          { id: 'old-versions', status: 'Enabled', noncurrentVersionExpiration: { noncurrentDays: 30 } },
        ],
      },
    });
    bucket.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
    bucket.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    const policy = new CfnBucketPolicy(this, 'Policy', { bucket: bucket.ref, policyDocument: onlyEncryptedTransport(bucket.attrArn) });
    policy.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
    policy.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    return bucket.ref;
  }
}

function onlyEncryptedTransport(bucketArn: string): PolicyDocument {
  const statement = new PolicyStatement({
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['s3:*'],
    resources: [bucketArn, `${bucketArn}/*`],
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  return new PolicyDocument({ statements: [statement] });
}
