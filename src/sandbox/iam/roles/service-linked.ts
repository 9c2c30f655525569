import { invalidInput, noSuchEntity } from '../../wire/errors.ts';
import { roleNamed, type Handlers } from '../context.ts';
import { createRole } from './create.ts';
import { servicePath } from './protect.ts';
import { serviceRoleOf } from './service-roles.ts';
import { briefRoleShape } from './shape.ts';

/** `task/aws-service-role/SERVICE/ROLE/UUID`, as AWS names what deletes a service-linked role. */
const taskForm = /^task\/aws-service-role\/[\w+=,.@-]+\/[\w+=,.@-]+\/[0-9a-f-]{36}$/;

export const serviceRoleHandlers = {
  CreateServiceLinkedRole(input, ctx) {
    const { name: plain, policy, takesSuffix } = serviceRoleOf(input.AWSServiceName);
    if (input.CustomSuffix !== undefined && !takesSuffix) {
      throw invalidInput(`Custom suffix is not allowed for ${input.AWSServiceName}`);
    }
    const name = input.CustomSuffix === undefined ? plain : `${plain}_${input.CustomSuffix}`;
    if (ctx.state.roles.taken(name)) {
      throw invalidInput(
        `Service role name ${name} has been taken in this account, please try a different suffix.`,
      );
    }
    const role = createRole(ctx, {
      name,
      path: `${servicePath}${input.AWSServiceName}/`,
      trust: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: input.AWSServiceName }, Action: 'sts:AssumeRole' },
        ],
      }),
      attached: policy === null ? [] : [`arn:${ctx.partition}:iam::aws:policy${servicePath}${policy}`],
      description: input.Description ?? null,
    });
    return { Role: briefRoleShape(ctx, role) };
  },

  /** No service uses its role here, so that all can be deleted, and are at once. */
  DeleteServiceLinkedRole(input, ctx) {
    const role = roleNamed(ctx, input.RoleName);
    if (!role.path.startsWith(servicePath)) {
      throw noSuchEntity(`The role with name ${role.name} cannot be found.`);
    }
    const uuid = ctx.mint.text(32, '0123456789abcdef').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const id = `task${role.path}${role.name}/${uuid}`;
    ctx.state.roles.delete(role.id);
    ctx.state.deletionTasks.put({ id });
    return { DeletionTaskId: id };
  },

  GetServiceLinkedRoleDeletionStatus(input, ctx) {
    const id = input.DeletionTaskId;
    if (!taskForm.test(id)) throw invalidInput(`Deletion task id ${id} is not valid.`);
    if (!ctx.state.deletionTasks.get(id)) throw noSuchEntity(`Deletion task ${id} cannot be found.`);
    return { Status: 'SUCCEEDED' };
  },
} satisfies Handlers;
