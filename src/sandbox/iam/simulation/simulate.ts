import type {
  EvaluationResult,
  OrganizationsDecisionDetail,
  PermissionsBoundaryDecisionDetail,
  PolicyEvaluationDecisionType,
  PolicySourceType,
  SimulateCustomPolicyRequest,
  SimulatePolicyResponse,
  Statement,
} from '@aws-sdk/client-iam';
import type { RequestContext } from '../../authorize/conditions.ts';
import { applying } from '../../authorize/evaluate.ts';
import type { Values } from '../../authorize/values.ts';
import { invalidInput } from '../../wire/errors.ts';
import type { Context, Handlers } from '../context.ts';
import { pageFields, paginate } from '../paginate.ts';
import { callerKeys, checkInput, givenBoundary, givenKeys, givenSources } from './inputs.ts';
import { keysIn } from './keys.ts';
import { statementSpans } from './positions.ts';
import { holdingsOf, type Source } from './sources.ts';

/** Whose requests are simulated, under which policies. */
interface Simulated {
  readonly sources: readonly Source[];
  readonly boundary: Source | null;
  readonly context: RequestContext;
  /** Condition keys that the policies ask for and nobody gave. */
  readonly missing: string[];
  readonly spansOf: (source: Source) => ReturnType<typeof statementSpans>;
  /** Of a principal, whose account is in an organization that forbids nothing (as recorded); else empty. */
  readonly organization: { readonly OrganizationsDecisionDetail?: OrganizationsDecisionDetail };
}

interface Outcome {
  readonly decision: PolicyEvaluationDecisionType;
  readonly matched: Statement[];
  /** Empty if there is no boundary. */
  readonly detail: { readonly PermissionsBoundaryDecisionDetail?: PermissionsBoundaryDecisionDetail };
}

/** The statements of some policies that apply. */
function matches(
  { context, spansOf }: Simulated,
  sources: readonly Source[],
  action: string,
  resource: string,
) {
  const found = sources.map((source) => ({
    source,
    ...applying(source.document, action, resource, context),
  }));
  const shown = (source: Source, indexes: readonly number[]): Statement[] =>
    indexes.map((index) => ({
      SourcePolicyId: source.id,
      // What AWS answers, whatever the API Reference lists (recorded).
      SourcePolicyType: 'IAM Policy' as PolicySourceType,
      StartPosition: spansOf(source)[index]?.start,
      EndPosition: spansOf(source)[index]?.end,
    }));
  return {
    allows: found.flatMap(({ source, allows }) => shown(source, allows)),
    denies: found.flatMap(({ source, denies }) => shown(source, denies)),
  };
}

/** Source: IAM User Guide, "Policy evaluation logic": a Deny first, then both the policies and the boundary allow. */
function judge(simulated: Simulated, action: string, resource: string): Outcome {
  const { sources, boundary } = simulated;
  const { allows, denies } = matches(simulated, sources, action, resource);
  const bounds = boundary && matches(simulated, [boundary], action, resource);
  const isWithin = !bounds || (bounds.allows.length > 0 && bounds.denies.length === 0);
  const detail = bounds && { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: isWithin } };
  const because = (decision: Outcome['decision'], matched: Statement[]): Outcome => ({
    decision,
    matched,
    detail: detail ?? {},
  });
  const denied = [...denies, ...(bounds?.denies ?? [])];
  if (denied.length > 0) return because('explicitDeny', denied);
  return isWithin && allows.length > 0 ? because('allowed', allows) : because('implicitDeny', []);
}

/** Of several resources: denied if one is, allowed if all are. */
function together(outcomes: readonly Outcome[]): PolicyEvaluationDecisionType {
  const some = (decision: PolicyEvaluationDecisionType): boolean =>
    outcomes.some((outcome) => outcome.decision === decision);
  if (some('explicitDeny')) return 'explicitDeny';
  return some('implicitDeny') ? 'implicitDeny' : 'allowed';
}

const uniqueOf = (statements: readonly Statement[]): Statement[] => [
  ...new Map(statements.map((one) => [JSON.stringify(one), one])).values(),
];

function resultOf(simulated: Simulated, action: string, resources: readonly string[]): EvaluationResult {
  const outcomes = resources.map((resource) => ({ resource, ...judge(simulated, action, resource) }));
  const [only, ...more] = outcomes;
  const [first] = more.length === 0 ? [only!] : [];
  const named = resources.some((resource) => resource !== '*');
  // Of a principal AWS shows empty lists (recorded by LocalStack), of policies that come along none (by stackd).
  const shown = (name: string, list: readonly unknown[]): object =>
    list.length > 0 || simulated.organization.OrganizationsDecisionDetail ? { [name]: list } : {};
  return {
    EvalActionName: action,
    EvalResourceName: first?.resource ?? '*',
    EvalDecision: together(outcomes),
    MatchedStatements: uniqueOf(outcomes.flatMap(({ matched }) => matched)),
    MissingContextValues: named ? [] : simulated.missing,
    ...first?.detail,
    ...simulated.organization,
    ...(named
      ? {
          EvalDecisionDetails: {},
          ResourceSpecificResults: outcomes.map(({ resource, decision, matched, detail }) => ({
            EvalResourceName: resource,
            EvalResourceDecision: decision,
            ...shown('MatchedStatements', matched),
            ...shown('MissingContextValues', simulated.missing),
            ...detail,
          })),
        }
      : {}),
  };
}

/**
 * What one page judges at most, in requests and in characters of policies that they are held against: AWS, too, "might
 * return fewer results, even when there are more". Throws InvalidInput if one action alone is more.
 */
function actionsPerPage(policies: readonly Source[], resources: number): number {
  const [requests, characters] = [10_000, 100_000_000];
  const perAction = resources * policies.reduce((sum, { document }) => sum + document.length, 0);
  if (perAction > characters) throw invalidInput('These are too many resources for policies of that size.');
  return Math.max(1, Math.floor(Math.min(requests / resources, characters / Math.max(1, perAction))));
}

function simulate(
  input: Omit<SimulateCustomPolicyRequest, 'PolicyInputList'>,
  ctx: Context,
  sources: readonly Source[],
  boundary: Source | null,
  caller: Values,
  organization: Simulated['organization'] = {},
): SimulatePolicyResponse {
  const values = { ...caller, ...givenKeys(input.ContextEntries) };
  const valueOf = (key: string): readonly string[] | null =>
    Object.hasOwn(values, key) ? values[key]! : null;
  const policies = [...sources, ...(boundary ? [boundary] : [])];
  const asked = policies.flatMap(({ document }) => keysIn(document));
  const unknown = new Map(asked.map((key) => [key.toLowerCase(), key]));
  const spans = new Map<Source, ReturnType<typeof statementSpans>>();
  const simulated: Simulated = {
    sources,
    boundary,
    organization,
    context: { get: valueOf, variables: (name) => valueOf(name)?.[0] },
    missing: [...unknown].filter(([key]) => valueOf(key) === null).map(([, key]) => key),
    spansOf: (source) => {
      const known = spans.get(source) ?? statementSpans(source.document);
      spans.set(source, known);
      return known;
    },
  };
  const resources = input.ResourceArns?.length ? input.ResourceArns : ['*'];
  const actions = (input.ActionNames ?? []).map((action, index) => ({ action, index }));
  const most = actionsPerPage(policies, resources.length);
  const { MaxItems: size = 100, Marker: _, ...rest } = input;
  const page = paginate(
    ctx,
    { ...input, MaxItems: Math.min(size, most) },
    actions,
    ({ index }) => String(index).padStart(5, '0'),
    { scope: JSON.stringify(rest) },
  );
  return {
    EvaluationResults: page.items.map(({ action }) => resultOf(simulated, action, resources)),
    ...pageFields(page),
  };
}

export const simulationHandlers = {
  SimulateCustomPolicy(input, ctx) {
    checkInput(ctx, input);
    const sources = givenSources('PolicyInputList', input.PolicyInputList);
    const boundary = givenBoundary(input.PermissionsBoundaryPolicyInputList);
    return simulate(input, ctx, sources, boundary, callerKeys(ctx, input.CallerArn));
  },

  SimulatePrincipalPolicy(input, ctx) {
    checkInput(ctx, input);
    const holdings = holdingsOf(ctx, input.PolicySourceArn);
    const sources = [...holdings.sources, ...givenSources('PolicyInputList', input.PolicyInputList)];
    const boundary = givenBoundary(input.PermissionsBoundaryPolicyInputList) ?? holdings.boundary;
    const caller = input.CallerArn === undefined ? holdings.values : callerKeys(ctx, input.CallerArn);
    return simulate(input, ctx, sources, boundary, caller, {
      OrganizationsDecisionDetail: { AllowedByOrganizations: true },
    });
  },
} satisfies Handlers;
