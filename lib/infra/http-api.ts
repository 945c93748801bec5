/**
 * The way into the API: an HTTP API that checks who asks (signed AWS requests by default, bearer tokens by option), throttles by route,
 * and logs each request as JSON. The routes themselves are lib/api's: everything goes to one function, registering a model to its own.
 */
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnStage, HttpApi as Api, HttpMethod, type IHttpRouteAuthorizer, PayloadFormatVersion } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { DeploymentSettings } from './deployment-settings.ts';
import type { ServiceFunction } from './service-function.ts';

export interface HttpApiProps {
  readonly api: ServiceFunction;
  readonly registerModel: ServiceFunction;
  readonly settings: Pick<DeploymentSettings, 'apiAuth' | 'logRetentionDays'>;
}

/** Requests per second, and how many at once, of everything that starts no work. */
const DEFAULT_THROTTLE = { throttlingRateLimit: 50, throttlingBurstLimit: 100 };

/** Routes with a bound of their own: those that start, stop or register something, and the one that parses what it is given. */
const THROTTLED: readonly { readonly method: HttpMethod; readonly path: string; readonly rate: number; readonly burst: number }[] = [
  { method: HttpMethod.POST, path: '/v1/runs', rate: 5, burst: 10 },
  { method: HttpMethod.DELETE, path: '/v1/runs/{id}', rate: 5, burst: 10 },
  { method: HttpMethod.POST, path: '/v1/runs/{id}/starts', rate: 5, burst: 10 },
  { method: HttpMethod.POST, path: '/v1/runs/{id}/evaluations', rate: 5, burst: 10 },
  { method: HttpMethod.POST, path: '/v1/specs/validate', rate: 10, burst: 20 },
  { method: HttpMethod.POST, path: '/v1/models', rate: 1, burst: 5 },
];

/** One line a request: who asked for what, when, and how it went. No query, which may hold a cursor; no header. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  caller: '$context.identity.userArn',
  subject: '$context.authorizer.claims.sub',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
};

export class HttpApi extends Construct {
  /** Base of all routes, without a slash at its end. */
  readonly url: string;
  readonly id: string;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const api = new Api(this, 'Api', { createDefaultStage: false, defaultAuthorizer: authorizer(props.settings.apiAuth) });
    const versioned = { payloadFormatVersion: PayloadFormatVersion.VERSION_2_0 };
    const toApi = new HttpLambdaIntegration('Api', props.api.lambda, versioned);
    const toRegister = new HttpLambdaIntegration('RegisterModel', props.registerModel.lambda, versioned);
    const routes = [
      ...api.addRoutes({ path: '/v1/{proxy+}', methods: [HttpMethod.ANY], integration: toApi }),
      ...THROTTLED.flatMap(({ method, path }) =>
        api.addRoutes({ path, methods: [method], integration: path === '/v1/models' ? toRegister : toApi }),
      ),
    ];
    const logs = new LogGroup(this, 'AccessLogs', { retention: props.settings.logRetentionDays, removalPolicy: RemovalPolicy.DESTROY });
    const stage = new CfnStage(this, 'Stage', {
      apiId: api.apiId,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: { destinationArn: plainArn(logs), format: JSON.stringify(ACCESS_LOG) },
      defaultRouteSettings: { ...DEFAULT_THROTTLE, detailedMetricsEnabled: false },
      routeSettings: Object.fromEntries(
        THROTTLED.map(({ method, path, rate, burst }) => [`${method} ${path}`, { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst }]),
      ),
    });
    // A stage refuses settings of a route that it does not know yet.
    for (const route of routes) stage.node.addDependency(route);
    this.url = api.apiEndpoint;
    this.id = api.apiId;
  }
}

function authorizer(auth: DeploymentSettings['apiAuth']): IHttpRouteAuthorizer {
  if (auth.type === 'iam') return new HttpIamAuthorizer();
  return new HttpJwtAuthorizer('Jwt', auth.issuer, { jwtAudience: auth.audience });
}

/** Without the `:*` at the end that the attribute has and API Gateway does not take. */
function plainArn(logs: ILogGroup): string {
  const { logGroupName: resourceName } = logs;
  return Stack.of(logs).formatArn({ service: 'logs', resource: 'log-group', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
