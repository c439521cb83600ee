/**
 * What the SDK throws, in words for whoever typed the command: credentials, permissions, the way to AWS. Told by name and code, since each client
 * has classes of its own.
 */
import { EnvironmentError } from "../model/errors.ts";

const EXPIRED = /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/;
const UNKNOWN_KEY =
  /^(UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|MissingAuthenticationToken\w*|AuthFailure)$/;
const DENIED = /^(AccessDenied\w*|UnauthorizedOperation|NotAuthorized\w*|Forbidden|403)$/;
const GONE =
  /^(ResourceNotFoundException|NoSuchBucket|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/;
const THROTTLED =
  /^(Throttl\w+|TooManyRequestsException|RequestLimitExceeded|ProvisionedThroughputExceededException|SlowDown)$/;
const TOO_LARGE = /^(RequestTooLargeException|RequestEntityTooLarge\w*)$/;
/** Node's codes, and the SDK's own. */
const UNREACHABLE =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|TimeoutError)$/;

/** AWS' own words: "User: arn:… is not authorized to perform: dynamodb:GetItem on resource: arn:… because …". */
const PERFORM = /not authorized to perform: ([\w-]+:\w+)(?: on resource: (\S+))?/;

/** Null when it is no answer of AWS that we know: a mistake of our own, perhaps. `where`: stack and region. */
export function explainAws(error: unknown, where: string): EnvironmentError | null {
  if (!(error instanceof Error)) return null;
  const { name, message } = error;
  const code = "code" in error ? String(error.code) : "";
  const say = (text: string) => new EnvironmentError(text, { cause: error });
  const is = (pattern: RegExp) => pattern.test(name) || pattern.test(code);
  if (/Credentials|TokenProvider/.test(name))
    return say(
      `no AWS credentials (${message}); give some with AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or aws sso login`,
    );
  if (is(EXPIRED))
    return say(`the AWS credentials have expired (${name}); renew them, with aws sso login for instance`);
  if (is(UNKNOWN_KEY))
    return say(`AWS does not accept the credentials (${name}: ${message}); check AWS_PROFILE and the keys`);
  if (is(DENIED)) {
    const [, action, resource] = PERFORM.exec(message) ?? [];
    const noted = error as { action?: string; resource?: string };
    const what = action ?? noted.action;
    const on = resource ?? noted.resource;
    return say(
      what
        ? `access denied: your AWS credentials lack the permission ${what}${on ? ` on ${on}` : ""}; docs/deploying.md lists all that is needed`
        : `access denied by AWS: ${message}; docs/deploying.md lists the permissions that are needed`,
    );
  }
  if (is(GONE))
    return say(`a part of ${where} is not there any more (${name}: ${message}); deploy the stack again`);
  if (is(THROTTLED))
    return say(`AWS has too many requests of this account at the moment (${name}); try again`);
  if (is(TOO_LARGE))
    return say(
      "the request is larger than a function takes (6 MB): put the targets into the bucket, under targets/ (docs/deploying.md)",
    );
  if (is(UNREACHABLE))
    return say(
      `AWS cannot be reached for ${where} (${code || name}): ${message}; check the region's name and the network`,
    );
  return null;
}
