/**
 * Names of IAM actions that a deployment may use, as the Service Authorization Reference spells them. Pinned by hand: the check
 * known-actions.ts compares with it, so that a misspelt action is found without an account.
 */
const BY_SERVICE: Readonly<Record<string, readonly string[]>> = {
  dynamodb: [
    ...['BatchGetItem', 'BatchWriteItem', 'ConditionCheckItem', 'DeleteItem', 'DescribeTable', 'GetItem', 'PutItem', 'Query', 'Scan'],
    'UpdateItem',
  ],
  ec2: ['DescribeInstances', 'DescribeInstanceTypes', 'DescribeSpotPriceHistory'],
  ecr: ['BatchCheckLayerAvailability', 'BatchGetImage', 'DescribeImages', 'GetAuthorizationToken', 'GetDownloadUrlForLayer'],
  ecs: [
    ...['DeregisterContainerInstance', 'DeregisterTaskDefinition', 'DescribeContainerInstances', 'DescribeTaskDefinition', 'DescribeTasks'],
    ...['DiscoverPollEndpoint', 'ListContainerInstances', 'ListTasks', 'Poll', 'RegisterContainerInstance', 'RegisterTaskDefinition'],
    ...['RunTask', 'StartTelemetrySession', 'StopTask', 'SubmitAttachmentStateChanges', 'SubmitContainerStateChange'],
    ...['SubmitTaskStateChange', 'TagResource', 'UpdateContainerInstancesState'],
  ],
  events: ['DescribeRule', 'PutEvents', 'PutRule', 'PutTargets'],
  iam: ['PassRole'],
  lambda: ['InvokeFunction'],
  logs: [
    ...['CreateLogDelivery', 'CreateLogStream', 'DeleteLogDelivery', 'DescribeLogGroups', 'DescribeResourcePolicies', 'GetLogDelivery'],
    ...['ListLogDeliveries', 'PutLogEvents', 'PutResourcePolicy', 'UpdateLogDelivery'],
  ],
  s3: ['AbortMultipartUpload', 'DeleteObject', 'GetObject', 'GetObjectVersion', 'ListBucket', 'ListMultipartUploadParts', 'PutObject'],
  sns: ['Publish'],
  sqs: ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage', 'SendMessage'],
  states: ['DescribeExecution', 'StartExecution', 'StopExecution'],
  xray: ['GetSamplingRules', 'GetSamplingTargets', 'PutTelemetryRecords', 'PutTraceSegments'],
};

/** `<service>:<Action>`. */
export const KNOWN_ACTIONS: ReadonlySet<string> = new Set(
  Object.entries(BY_SERVICE).flatMap(([service, names]) => names.map((name) => `${service}:${name}`)),
);
