/** What `rollcall explain-code` and docs/diagnostics.md say about a code. */
export interface Explanation {
  /** One sentence: what was found. */
  readonly means: string;
  /** Why rollcall does not let it pass. */
  readonly why: string;
  /** What to do about it. */
  readonly fix: string;
  /** The least that shows it: a manifest, unless `shows` says otherwise. */
  readonly example: string;
  readonly shows?: 'json' | 'text';
}

/**
 * Every code that a diagnostic may have. Codes are stable: people search for them and filter by them, so a rule keeps
 * its code when its wording changes.
 */
export const explanations = {
  // Files
  'no-directory': {
    means: 'The directory of the manifests cannot be read.',
    why: 'Without it rollcall does not know who should have access, and an empty answer would remove everybody.',
    fix: 'Name the directory with `--manifests DIR`, or begin one with `rollcall init`.',
    example: 'rollcall plan --manifests manifest   # the directory is called manifests',
    shows: 'text',
  },
  'no-manifests': {
    means: 'There is no `*.yaml` or `*.yml` file in the directory of the manifests or below it.',
    why: 'This is far more often a wrong directory than the intention to remove everybody.',
    fix: 'Name the right directory with `--manifests DIR`, or begin one with `rollcall init`.',
    example: 'rollcall validate --manifests docs',
    shows: 'text',
  },
  'unreadable-file': {
    means: 'A manifest or a policy document is there, but cannot be read.',
    why: 'Leaving the file out would remove whoever is declared in it.',
    fix: 'Give read permission, or mend or remove the symbolic link.',
    example: 'ln -s nowhere.yaml manifests/team.yaml',
    shows: 'text',
  },
  'file-too-large': {
    means: 'A file has more than 5 MiB.',
    why: 'Nobody writes such a manifest by hand; reading it could take all memory.',
    fix: 'Split it: all files of the directory are read as one.',
    example: 'manifests/everybody.yaml   # 6 MiB',
    shows: 'text',
  },
  'not-utf-8': {
    means: 'A file is not UTF-8 text.',
    why: 'In another encoding a name could be read as a different name.',
    fix: 'Save the file as UTF-8.',
    example: 'iconv -f latin1 -t utf-8 manifests/team.yaml',
    shows: 'text',
  },
  'link-outside': {
    means: 'A symbolic link leads out of the directory of the manifests.',
    why: 'Through such a link a pull request could have other files of the machine read or overwritten.',
    fix: 'Move the file into the directory, or name a directory that holds both.',
    example: 'ln -s /etc/team.yaml manifests/team.yaml',
    shows: 'text',
  },

  // YAML and JSON
  'merge-conflict': {
    means: 'The file still has the markers of a merge conflict in Git.',
    why: 'Nobody has decided yet which side is right.',
    fix: 'Keep what both sides mean, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`.',
    example: 'users:\n<<<<<<< HEAD\n  dale: {}\n=======\n  buzzo: {}\n>>>>>>> other',
  },
  'yaml-syntax': {
    means: 'The file is not valid YAML.',
    why: 'Nothing in the file can be relied on. The first error often causes those after it.',
    fix: 'Mend the place that is named; most often it is indentation, a tab, or a value that needs quotes.',
    example: 'users:\n  dale: { groups: [admins }',
  },
  'yaml-version': {
    means: 'The file declares a version of YAML other than 1.2.',
    why: 'In YAML 1.1 words such as `no` and `on` are booleans, so the same file would mean something else.',
    fix: 'Drop the `%YAML` line.',
    example: '%YAML 1.1\n---\nusers: {}',
  },
  'multiple-documents': {
    means: 'The file holds a second YAML document.',
    why: 'Tools differ in whether they read it; a manifest that is passed over removes people.',
    fix: 'Put it into a file of its own, or drop the `---` line.',
    example: 'users: { dale: {} }\n---\nusers: { buzzo: {} }',
  },
  'too-deep': {
    means: 'Values are nested deeper than 64 levels.',
    why: 'A manifest needs about ten; deeper ones are made to crash whatever reads them.',
    fix: 'Write the file with less nesting.',
    example: 'users: [[[[[[[[ … 65 levels',
    shows: 'text',
  },
  'too-many-nodes': {
    means: 'One file has more than a million values.',
    why: 'Reading it would take too much time and memory.',
    fix: 'Split the file.',
    example: 'manifests/everybody.yaml   # 1,000,001 keys, values and list entries',
    shows: 'text',
  },
  'custom-tag': {
    means: 'A value has a YAML tag that is not one of the core tags.',
    why: 'Such tags mean something only to the program that made the file.',
    fix: 'Drop the tag, and write the value out. Quote a text that begins with `!`.',
    example: 'users: { dale: !Ref Dale }',
  },
  'alias-limit': {
    means: 'Aliases repeat more than 250,000 values.',
    why: 'Aliases of aliases grow without limit ("billion laughs").',
    fix: 'Declare shared policies once under `policies`, and attach them.',
    example: 'a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n# … and so on',
    shows: 'text',
  },
  'circular-alias': {
    means: 'An alias stands within what its own anchor names.',
    why: 'The value would contain itself without end.',
    fix: 'Write the inner value out.',
    example: 'users: &all { dale: *all }',
  },
  'unknown-alias': {
    means: 'No anchor of this name comes before the alias.',
    why: 'There is nothing that the alias could stand for. Anchors count within one file only.',
    fix: 'Put the anchor (`&name`) before its first use, or mend the spelling. Quote a text that begins with `*`.',
    example: 'users: { dale: *defaults }',
  },
  'bad-scalar': {
    means: 'A value is of a type that manifests do not have.',
    why: 'Infinity and "not a number" cannot be written into IAM.',
    fix: 'Quote the value if it is text.',
    example: 'users: { dale: { tags: { level: .inf } } }',
  },
  'bad-key': {
    means: 'The key of a mapping is empty, is no plain text, or is `__proto__`.',
    why: 'Keys are names of people, groups, policies or settings.',
    fix: 'Write a plain name, in quotes if it has special characters.',
    example: 'users: { [dale, buzzo]: {} }',
  },
  'bad-merge': {
    means: 'A merge key (`<<`) has a value that is neither a mapping nor a list of mappings.',
    why: 'Only the keys of mappings can be merged.',
    fix: 'Merge a mapping: `<<: *defaults`, where `&defaults` stands before a mapping.',
    example: 'users: { dale: { <<: defaults } }',
  },
  'duplicate-key': {
    means: 'A key or a setting is there twice, in one file or in two.',
    why: 'One of the two would win silently, and readers of the other would be misled.',
    fix: 'Keep one, with what both say.',
    example: 'users: { dale: { path: /a/, path: /b/ } }',
  },
  'json-syntax': {
    means: 'A policy document in a `.json` file is not valid JSON.',
    why: 'IAM would refuse it.',
    fix: 'Mend the place that is named. JSON has no comments and no comma after the last entry.',
    example: '{ "Statement": [], }',
    shows: 'json',
  },

  // The manifest as a whole
  'no-account': {
    means: 'No file names the AWS account that the manifests are for.',
    why: 'With credentials for another account, everybody there would be removed.',
    fix: 'Add `account: "123456789012"` to one file.',
    example: 'users: { dale: {} }   # no account in any file',
  },
  'unquoted-account': {
    means: 'The account id is not in quotes.',
    why: 'YAML reads it as a number, and a leading zero is lost.',
    fix: "Quote it: `account: '012345678901'`.",
    example: 'account: 012345678901',
  },
  fleet: {
    means: 'A subdirectory of the manifests names an account of its own.',
    why: 'One run manages one account; two mixed together would give people access in the wrong one.',
    fix: 'Run rollcall once for each: `--manifests manifests/production`.',
    example: 'manifests/production/iam.yaml:  account: "210987654321"',
    shows: 'text',
  },
  'nothing-declared': {
    means:
      'The files declare no user, group or policy at all, and neither ignore everything nor manage only what is declared.',
    why: 'Applying them would remove everything; most often a file was lost.',
    fix: 'Check that all files are there. If everything is meant to go: `--override empty-manifest`.',
    example: 'users: {}',
  },
  'unknown-key': {
    means: 'A key is not one of those that may stand here.',
    why: 'Ignored silently, a misspelt key would mean that somebody has more or less access than the file says.',
    fix: 'Use the key that is suggested; docs/manifests.md lists all.',
    example: 'users: { dale: { grups: [admins] } }\ngroups: { admins: {} }',
  },
  'missing-key': {
    means: 'A key is missing that must be there.',
    why: 'rollcall does not guess a value for it.',
    fix: 'Add the key.',
    example: 'policies: { reports: { path: /team/ } }',
  },
  'wrong-type': {
    means: 'A value has another type than it must have, such as text in place of a list.',
    why: 'What was meant is not certain.',
    fix: 'Write the value as the hint shows it.',
    example: 'users: { dale: { groups: admins } }\ngroups: { admins: {} }',
  },
  'bad-value': {
    means: 'A value has the right type, but is not one that this key may have.',
    why: 'IAM would refuse it, or it contradicts what stands beside it.',
    fix: 'Choose one of the values that the message names.',
    example: 'users: { dale: { path: team } }',
  },
  'too-long': {
    means: 'A text has more characters than IAM allows.',
    why: 'IAM would refuse the call in the middle of an apply.',
    fix: 'Shorten it.',
    example: 'users: { dale: { tags: { note: … 257 characters … } } }',
    shows: 'text',
  },
  quota: {
    means: 'There is more of something than IAM allows in an account, a group, a user or a policy.',
    why: 'The calls would fail in the middle of an apply. It is a warning where AWS may have raised the quota on request.',
    fix: 'Merge or remove some, or ask AWS for a higher quota first.',
    example:
      'users: { dale: { groups: [a, b, c, d, e, f, g, h, i, j, k] } }\ngroups: { a: {}, b: {}, c: {}, d: {}, e: {}, f: {}, g: {}, h: {}, i: {}, j: {}, k: {} }',
  },

  // Names
  'bad-name': {
    means: 'A name has characters that IAM does not allow, or too many.',
    why: 'IAM would refuse to create the object.',
    fix: 'Use letters, digits and `+ = , . @ _ -`, within the length that the message names.',
    example: 'users: { dale smith: {} }',
  },
  'duplicate-name': {
    means: 'A user, group or policy is declared twice.',
    why: 'Removing one of the two would look like taking access away and would not.',
    fix: 'Keep one, with what both say.',
    example: 'users:\n  dale: {}\n  dale: { path: /team/ }',
  },
  'duplicate-entry': {
    means: 'A list names the same thing twice.',
    why: 'Removing one of the two entries would look like taking access away and would not.',
    fix: 'Keep one.',
    example: 'users: { dale: { groups: [admins, admins] } }\ngroups: { admins: {} }',
  },
  'case-collision': {
    means: 'Two names differ only in case.',
    why: 'IAM compares names without case: for it the two are one object.',
    fix: 'Keep one, or give one another name.',
    example: 'users: { dale: {}, Dale: {} }',
  },
  'reserved-name': {
    means: 'A name is one that rollcall or AWS keeps for itself.',
    why: 'Tags `aws:…` belong to AWS. Tags and inline policies `rollcall-…` are how rollcall remembers what it has done, and the policy `rollcall-lock` keeps two applies apart.',
    fix: 'Choose another name.',
    example: 'users: { dale: { tags: { aws:team: a } } }',
  },
  'key-description': {
    means: 'A user has a tag whose key is the id of an access key.',
    why: 'The console keeps the description of an access key in such a tag. It is the key’s: somebody changes it at any time, and it goes with the key.',
    fix: 'Take the tag out of the file. It is neither compared nor removed while there is the key.',
    example: 'users: { dale: { tags: { AKIAIOSFODNN7EXAMPLE: laptop } } }',
  },
  'ignored-and-declared': {
    means: 'An object is declared, and `ignore` names it too.',
    why: 'The one says to manage it, the other to leave it alone.',
    fix: 'Drop the declaration, or narrow the pattern in `ignore`.',
    example: 'users: { dale: {} }\nignore: { users: [d*] }',
  },
  'removed-and-declared': {
    means: '`removed` names something that is declared, or that something else is renamed from.',
    why: 'The one says that it goes, the other that it stays.',
    fix: 'Drop it from `removed`, or drop the declaration.',
    example: 'users: { dale: {} }\nremoved: { users: [dale] }',
  },
  'removed-and-ignored': {
    means: '`removed` names something that `ignore` names too.',
    why: 'What is ignored is never removed.',
    fix: 'Drop it from `removed`, or narrow the pattern in `ignore`.',
    example: 'users: { dale: {} }\nremoved: { users: [svc-old] }\nignore: { users: [svc-*] }',
  },
  'ignored-group': {
    means: 'A user lists a group that `ignore` names.',
    why: 'rollcall leaves ignored groups alone, and so it cannot add members to them.',
    fix: 'Take the group out of the list, or declare it under `groups` and stop ignoring it.',
    example: 'users: { dale: { groups: [legacy] } }\nignore: { groups: [legacy] }',
  },
  'unknown-group': {
    means: 'A group is named that no file declares.',
    why: 'Most often it is misspelt. Created silently, it would be a group without policies.',
    fix: 'Mend the spelling, or declare the group under `groups`.',
    example: 'users: { dale: { groups: [admin] } }\ngroups: { admins: {} }',
  },
  'unknown-user': {
    means: 'A user is named that no file declares.',
    why: 'Most often the name is misspelt, or belongs to somebody who has left.',
    fix: 'Mend the spelling, or declare the user under `users`.',
    example: 'users: { dale: {} }\ngroups: { admins: { members: [dael] } }',
  },
  'unknown-role': {
    means: 'A trust or an instance profile names a role that no file declares.',
    why: 'IAM refuses a trust in a role that is not there, and to put such a role into a profile.',
    fix: 'Declare it under `roles`, mend the spelling, or write the ARN of a role of another account.',
    example: 'roles: { deploy: { trust: [{ role: break-glas }] } }',
    shows: 'text',
  },
  'unknown-provider': {
    means: 'A trust names an identity provider that no file declares.',
    why: 'Nobody can assume a role through a provider that is not there.',
    fix: 'Declare it under `identityProviders`, or mend the spelling.',
    example: 'roles: { deploy: { trust: [{ saml: okta }] } }\nidentityProviders: { saml: {} }',
    shows: 'text',
  },
  'unknown-protected': {
    means: '`rails.protect` names something that no file declares.',
    why: 'If it exists, every plan would want to remove it, and the rail would refuse every plan.',
    fix: 'Declare it, or list it under `ignore`.',
    example: 'users: { dale: {} }\nrails: { protect: { users: [break-glass] } }',
  },
  'unknown-danger': {
    means: '`rails.deny` names a danger that rollcall does not know.',
    why: 'The rail would never stop anything.',
    fix: 'Write `administrator`, `escalation`, or actions of a way to become administrator, joined by `+`: `iam:PassRole` stands for every way with it. docs/rails.md has them all.',
    example: 'rails: { deny: [administator] }',
  },
  'bad-rename': {
    means: '`renamedFrom` names something that cannot be renamed to this.',
    why: 'The old name is still declared, is ignored, is renamed twice, or differs only in case, which IAM refuses.',
    fix: 'Drop `renamedFrom`, or drop the old declaration.',
    example: 'users: { dale: {}, dale.smith: { renamedFrom: dale } }',
  },

  // Dates
  'bad-expiry': {
    means: 'The value of `expires` is neither a date nor an instant with its time zone.',
    why: 'A local time would mean something else on another machine.',
    fix: 'Write a date such as `2027-01-31`, which counts to its end in UTC, or an instant such as `2027-01-31T18:00:00Z`.',
    example: 'users: { dale: { expires: 31.01.2027 } }',
  },
  expired: {
    means: 'Something has expired, and is treated as if it were not in the file.',
    why: 'The next apply takes it away, or has done so. The entry in the file misleads whoever reads it.',
    fix: 'Remove it from the file, or give it a later date.',
    example: 'users: { dale: { expires: 2020-01-31 } }',
  },
  'expires-soon': {
    means: 'Something expires within fourteen days.',
    why: 'The access ends with the first apply after that, without anybody changing a file.',
    fix: 'If it is still needed, give it a later date; otherwise do nothing.',
    example: 'users: { dale: { expires: 2027-01-10 } }   # on 2027-01-01',
  },

  // Recipients
  'bad-recipient': {
    means: '`deliverTo` is not a valid age or ssh public key.',
    why: 'A secret encrypted to it could be read by nobody, or the key is one that rollcall cannot encrypt to.',
    fix: 'Ask the person for the public key again, and paste it whole.',
    example: 'users: { dale: { accessKey: { deliverTo: age1dale } } }',
  },
  'shared-recipient': {
    means: 'Two users have the same public key in `deliverTo`.',
    why: 'One person could read the secrets of both.',
    fix: 'Ask each of them for a key of their own.',
    example:
      'users:\n  dale: { accessKey: { deliverTo: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p } }\n  buzzo: { accessKey: { deliverTo: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p } }',
  },

  // References to policies
  'bad-reference': {
    means: 'A reference that begins with `aws:` is not the name of an AWS managed policy.',
    why: 'No policy can have such a name.',
    fix: 'Write `aws:ReadOnlyAccess`, or with its path `aws:job-function/Billing`.',
    example: 'users: { dale: { attach: ["aws:Read Only"] } }',
  },
  'unknown-aws-policy': {
    means: 'AWS has no managed policy of this name, or has it under another path or spelling.',
    why: 'Attaching it would fail. It is a warning where the policy may be newer than this version of rollcall.',
    fix: 'Write the name as the hint has it.',
    example: 'users: { dale: { attach: [aws:ReadOnlyAcces] } }',
  },
  'not-attachable': {
    means: 'A reference is to a policy of AWS for the service-linked roles of its own services.',
    why: 'IAM attaches it to nobody else, and takes it as no boundary (PolicyNotAttachable).',
    fix: 'Drop it. Where its permissions are meant, declare a policy of your own that has them.',
    example: 'users: { dale: { attach: [aws:aws-service-role/AWSSupportServiceRolePolicy] } }',
  },
  'bad-arn': {
    means: 'A reference is not the ARN of a managed policy, or disagrees with where the policy is declared.',
    why: 'The partition or the path would be another than that of the policy.',
    fix: 'Write the name of the policy alone: rollcall makes its ARN.',
    example: 'users: { dale: { attach: [arn:aws:iam::aws:role/Admin] } }',
  },
  'other-account': {
    means: 'The ARN is of a policy in another account.',
    why: 'IAM attaches policies of the same account and of AWS only.',
    fix: 'Declare a policy of this account under `policies`.',
    example: 'users: { dale: { attach: ["arn:aws:iam::210987654321:policy/reports"] } }',
  },
  'unknown-policy': {
    means: 'A policy is named that no file declares.',
    why: 'Most often it is misspelt. Of an ignored policy rollcall knows no path, and so no ARN.',
    fix: 'Mend the spelling, declare it under `policies`, or write its full ARN if it is ignored.',
    example: 'users: { dale: { attach: [reports] } }',
  },

  // Policy documents
  'missing-document': {
    means: 'A file that is named as a policy document is not there.',
    why: 'Without it the policy would be empty.',
    fix: 'Mend the path, which is relative to the manifest that names it.',
    example: 'policies: { reports: { document: ./report.json } }',
  },
  'bad-metadata': {
    means: 'The metadata of a SAML provider are not what IAM takes.',
    why: 'IAM would refuse them, in the middle of an apply.',
    fix: 'Name the XML file that the identity provider gives, of 1000 to 10000000 characters.',
    example: 'identityProviders: { saml: { okta: { metadata: okta } } }',
  },
  'document-outside': {
    means: 'The path of a policy document leads out of the directory of the manifests.',
    why: 'A pull request could have other files of the machine read.',
    fix: 'Move the file into the directory.',
    example: 'policies: { reports: { document: ../../reports.json } }',
  },
  'document-is-manifest': {
    means: 'A file that is named as a policy document is itself a manifest.',
    why: 'A file is read as one or the other, and what was meant is not certain.',
    fix: 'Name the file that holds the document.',
    example: 'policies: { reports: { document: ./team.yaml } }   # team.yaml has users',
    shows: 'text',
  },
  'unquoted-number': {
    means: 'A number in a policy document is not what is written there.',
    why: 'An account id without quotes loses its leading zero or its last digits.',
    fix: 'Quote it.',
    example:
      "policies:\n  reports:\n    document:\n      Statement:\n        Effect: Allow\n        Action: 's3:*'\n        Resource: '*'\n        Condition: { StringEquals: { 'aws:SourceAccount': 012345678901 } }",
  },
  'policy-size': {
    means:
      'A policy document, or all inline policies of one user or group together, are longer than IAM allows.',
    why: 'IAM would refuse it in the middle of an apply. White space does not count.',
    fix: 'Split a managed policy into several; make a large inline policy a managed one.',
    example: 'policies: { reports: { document: ./large.json } }   # 6,145 characters without white space',
    shows: 'text',
  },
  'policy-syntax': {
    means: 'A policy document does not have the structure that IAM wants.',
    why: 'IAM would refuse it.',
    fix: 'Write it as the message says.',
    example: 'policies: { reports: { document: { Statement: Allow } } }',
  },
  'policy-missing': {
    means: 'A required element is missing or empty in a policy document.',
    why: 'IAM would refuse it.',
    fix: 'Add it. A statement has `Effect`, `Action` or `NotAction`, and `Resource` or `NotResource`.',
    example: "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's3:*' } } } }",
  },
  'policy-version': {
    means: '`Version` is not one that IAM has, or is the old one where it means something else.',
    why: 'In `2008-10-17` policy variables such as `${aws:username}` are plain text, and IAM does not take it for managed policies.',
    fix: 'Drop it: rollcall writes `2012-10-17`.',
    example:
      "policies: { reports: { document: { Version: '2020-01-01', Statement: { Effect: Allow, Action: 's3:*', Resource: '*' } } } }",
  },
  'policy-id': {
    means: 'A policy document has an `Id`.',
    why: 'In a policy of a user or group it means nothing.',
    fix: 'Drop it.',
    example:
      "policies: { reports: { document: { Id: a, Statement: { Effect: Allow, Action: 's3:*', Resource: '*' } } } }",
  },
  'policy-principal': {
    means: 'A statement names a `Principal`.',
    why: 'An identity policy applies to whoever it is attached to; only policies of resources name principals.',
    fix: 'Drop it.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Principal: '*', Action: 's3:*', Resource: '*' } } } }",
  },
  'policy-unknown': {
    means: 'A policy document has an element that IAM does not know.',
    why: 'IAM would refuse it.',
    fix: 'Mend the spelling, capitals included, or drop it.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Actions: 's3:*', Resource: '*' } } } }",
  },
  'policy-sid': {
    means: 'A `Sid` has characters that IAM does not allow, or is there twice in one document.',
    why: 'IAM would refuse it. An underscore it may take, though its documentation does not say so: that is a warning.',
    fix: 'Use letters and digits only, and each Sid once.',
    example:
      "policies: { reports: { document: { Statement: { Sid: read-it, Effect: Allow, Action: 's3:*', Resource: '*' } } } }",
  },
  'policy-effect': {
    means: '`Effect` is neither `Allow` nor `Deny`.',
    why: 'IAM would refuse it; capitals count.',
    fix: 'Write `Allow` or `Deny`.',
    example:
      "policies: { reports: { document: { Statement: { Effect: allow, Action: 's3:*', Resource: '*' } } } }",
  },
  'policy-action': {
    means: 'An action is not of the form `service:Name`.',
    why: 'IAM would refuse it.',
    fix: 'Write `s3:GetObject`, `s3:Get*` or `*`.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: s3, Resource: '*' } } } }",
  },
  'policy-unknown-service': {
    means: 'An action names a service that AWS does not have.',
    why: 'Such an action allows and denies nothing; most often it is a typing error. It is only a warning, because AWS adds services: the hint says as of which day they are known.',
    fix: 'Write the prefix that the [Service Authorization Reference](https://docs.aws.amazon.com/service-authorization/latest/reference/) has, or drop the action if AWS has retired the service.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's4:*', Resource: '*' } } } }",
  },
  'policy-unknown-action': {
    means: 'A service does not have the action, or no action matches the pattern.',
    why: 'It allows and denies nothing; most often it is a typing error, or the name of an API call that another action allows. It is only a warning, because AWS adds actions every day: the hint says as of which day they are known.',
    fix: 'Write the name of an action: of the calls `ListObjectsV2` and `HeadObject` these are `s3:ListBucket` and `s3:GetObject`.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's3:GetObjct', Resource: '*' } } } }",
  },
  'policy-resource-type': {
    means: 'No action of the statement takes a resource, or an action takes none of the resources.',
    why: 'That part of the statement allows and denies nothing. An action that AWS lists without resources is warned of only if a resource names one thing: IAM does judge some of them by patterns such as `arn:aws:s3:::*`.',
    fix: 'Write the ARNs that the hint shows (`s3:ListBucket` takes a bucket, `s3:GetObject` what is in it), or give the action a statement of its own with `Resource: "*"`.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports' } } } }",
  },
  'policy-resource': {
    means:
      'A resource is not an ARN that IAM takes, is of another partition than the account, or is cut short.',
    why: 'IAM would refuse it: it wants the partition of the account, buckets and objects of IAM without a region, and types of IAM that there are. It fills up an ARN that is cut short with wildcards, which allows more than it seems: that is a warning.',
    fix: 'Write all six parts, such as `arn:aws:s3:::reports/*`, or `*`.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's3:*', Resource: reports } } } }",
  },
  'policy-condition': {
    means: 'A `Condition` is not a mapping of operators to keys and values, or names an unknown operator.',
    why: 'IAM would refuse it; an unknown operator without keys it takes, which is a warning.',
    fix: "Write `Condition: { StringEquals: { 'aws:RequestedRegion': eu-west-1 } }`.",
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's3:*', Resource: '*', Condition: { StringIs: { 'aws:username': dale } } } } } }",
  },
  'policy-condition-key': {
    means: 'AWS has no such condition key, or no action of the statement has it.',
    why: 'The key is in no request: most conditions on it never hold, and negated ones and those with `IfExists` always do. It is only a warning, because AWS adds keys.',
    fix: 'Write a key of the service, or a global one such as `aws:SourceIp`.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's3:*', Resource: '*', Condition: { Bool: { 'aws:MultiFactorAuthPresnt': 'true' } } } } } }",
  },
  'policy-condition-value': {
    means: 'A value in a `Condition` is none that its operator can compare.',
    why: 'The comparison never holds, or, negated, always does. IAM refuses a date that it cannot read: that is an error.',
    fix: 'Write an address or a range for `IpAddress`, `true` or `false` for `Bool` and `Null`, a number for `Numeric…`, a date for `Date…`.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's3:*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': 300.1.1.1/33 } } } } } }",
  },
  'policy-characters': {
    means: 'A policy document has a character outside Latin-1.',
    why: 'IAM would refuse it.',
    fix: 'Replace the character.',
    example:
      "policies: { reports: { document: { Statement: { Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::报告/*' } } } }",
  },
  'trust-form': {
    means: 'An entry of `trust` is none of the short forms, or says two things that do not go together.',
    why: 'Each entry says who may assume the role: exactly one of `github`, `service`, `account`, `role`, `user`, `saml` and `oidc`, and what else must hold of them.',
    fix: 'Write an entry for each, or a whole trust policy (a mapping with `Statement`) where the forms cannot say it.',
    example: 'trust: [{ service: lambda.amazonaws.com, account: "999999999999" }]',
    shows: 'text',
  },
  'trust-principal': {
    means: 'A trust policy does not say who may assume the role, or names what cannot.',
    why: 'IAM would refuse it. It takes no `NotPrincipal`, no groups, and no wildcard but `*` alone.',
    fix: 'Name accounts, users and roles as `AWS`, services as `Service`, identity providers as `Federated`.',
    example:
      "trust: { Statement: { Effect: Allow, Principal: { AWS: 'arn:aws:iam::123456789012:group/admins' }, Action: 'sts:AssumeRole' } }",
    shows: 'text',
  },
  'trust-action': {
    means: 'A trust policy names an action that has nothing to do with assuming a role.',
    why: 'IAM would refuse it: a trust says who may assume the role, and the policies of the role what they may do then.',
    fix: 'Write `sts:AssumeRole`, `sts:AssumeRoleWithWebIdentity` or `sts:AssumeRoleWithSAML`.',
    example:
      "trust: { Statement: { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: 's3:GetObject' } }",
    shows: 'text',
  },
  'trust-resource': {
    means: 'A trust policy names a `Resource`.',
    why: 'IAM would refuse it: it is about the role that it belongs to, and no other.',
    fix: 'Drop it.',
    example:
      "trust: { Statement: { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: 'sts:AssumeRole', Resource: '*' } }",
    shows: 'text',
  },
  'trust-issuer': {
    means: 'A trust policy lets in everybody who has a token of an issuer that many organizations share.',
    why: 'Anybody can get a token of GitHub Actions. Without a condition on the claim that says whose it is (`sub`, or `aud` of some), any repository in the world may assume the role, and IAM refuses to write such a trust. `ForAllValues`, `…IfExists` and negated operators also hold of others, or without the claim. A warning where the trust stands in the account as it is.',
    fix: 'Add a condition, such as `StringLike: { "token.actions.githubusercontent.com:sub": "repo:acme/web:*" }`.',
    example:
      "trust: { Statement: { Effect: Allow, Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' }, Action: 'sts:AssumeRoleWithWebIdentity' } }",
    shows: 'text',
  },
  'trust-size': {
    means: 'A trust policy is longer than IAM allows, or than it allows unless the quota is raised.',
    why: 'IAM takes 2,048 characters without white space, and up to 8,192 where AWS has raised the quota of the account. Over 8,192 it is an error, else a warning.',
    fix: 'Trust accounts or the roles of people in place of single users, or have the quota raised.',
    example: 'trust: …   # 8,193 characters without white space',
    shows: 'text',
  },

  // Commands that edit the files
  'cannot-edit': {
    means: '`offboard` or `pin` cannot change this place of a file without changing what is around it.',
    why: 'The commands change what they are asked to, and not a byte beside it.',
    fix: 'Change the file by hand; write out what is shared by an alias first.',
    example: 'users: { dale: &person { accessKey: {} }, buzzo: *person }   # rollcall pin dale',
    shows: 'text',
  },
  'anchor-in-use': {
    means: 'What `offboard` would remove holds an anchor that an alias elsewhere uses.',
    why: 'Without its anchor the alias would mean nothing.',
    fix: 'Move the anchor to the place of the alias, then run `offboard` again.',
    example: 'users: { dale: &person { path: /team/ }, buzzo: *person }   # rollcall offboard dale',
    shows: 'text',
  },
  protected: {
    means: '`rails.protect.users` names somebody whom `offboard` is asked to remove.',
    why: 'The name is there so that nobody removes them by mistake.',
    fix: 'Take the name out of `rails.protect` first, in a change of its own.',
    example: 'rollcall offboard break-glass',
    shows: 'text',
  },

  // Plans and receipts
  'cannot-plan': {
    means: 'The manifests are valid, but no plan leads from the account as it is to what they say.',
    why: 'IAM does not allow the change, or what is in the account stands in its way.',
    fix: 'Do what the hint says; all such problems are shown at once.',
    example: 'a user that IAM has in another case',
    shows: 'text',
  },
  'invalid-receipt': {
    means: 'A receipt does not have the form that rollcall writes.',
    why: 'Somebody has edited it, or it comes from another version. What it says is no proof.',
    fix: 'Restore the file from Git.',
    example: 'receipts/2027-01-31-dale.json without its "steps"',
    shows: 'text',
  },
} as const satisfies Readonly<Record<string, Explanation>>;

/** A code that has its explanation: another one does not compile. */
export type DiagnosticCode = keyof typeof explanations;

export const isDiagnosticCode = (text: string): text is DiagnosticCode => Object.hasOwn(explanations, text);
