"""Every file of the corpus and what the shipped adapters and rules make of it.

A row says: the file, the adapter ('' is CloudEvents), whether it should raise (yes, no, depends) by the corpus' own
SOURCES.md, how many messages it holds, how many events they become, how many nonconformities that would be (distinct
fingerprints that fail), and how often each rule matched with which grade. `counted`: events that a rule counts and does
not keep. `refused`: messages or events that are invalid. `wrap`: the CloudEvent around each message, for tools that do
not say where they ran or how it ended. `why`: what a "depends" depends on, and how the shipped rules take it.
Files that no shipped adapter is for stand here too, with the tool's name: sent as they are, each message is refused with the
reason. What SOURCES.md says of each file is compared with its row.
No daemon, no database: the binary show_frames of the build judges with the files of daemon/rules and daemon/adapters.
"""
import collections
import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CAPA_BUILD", ROOT / "build" / "test"))
CORPUS = ROOT.parent / "shared" / "corpus"
SHOW = BUILD / "tests" / "unit" / "core" / "show_frames"
RULES = [r for p in (ROOT / "daemon" / "rules").glob("*.json") for r in json.loads(re.sub(r"(?m)^ *//.*$", "", p.read_text()))["rules"]]
COUNTS = {r["id"]: r["count"]["n"] for r in RULES if "count" in r}  # these raise with their n-th match only
pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not here"),
    pytest.mark.skipif(not SHOW.is_file(), reason="show_frames is not built; set CAPA_BUILD"),
]
Row = collections.namedtuple("Row", "path adapter raises frames events ncs rules counted refused wrap why")


def row(*columns, counted=0, refused=0, wrap=None, why=""):  # pylint: disable=missing-function-docstring
    return Row(*columns, counted, refused, wrap, why)


def none(path, tool):
    """A file of a tool that no shipped adapter is for."""
    return Row(path, None, "none", 0, 0, 0, {}, 0, 0, None, tool)


# fmt: off
TABLE = [  # pylint: disable=line-too-long
    row('alertmanager/api-v2-groups-0.31.ndjson', 'alertmanager', 'yes', 10, 24, 8,
        {'alertmanager-capacity:minor': 2, 'alertmanager-alert:observation': 14}),
    row('alertmanager/zulip-alert.json', 'alertmanager', 'yes', 1, 2, 2, {'alertmanager-alert:major': 2}),
    row('auditd/rhel-7-linux-3.10.0.ndjson', 'linux-audit', 'depends', 10, 10, 1,
        {'audit-configuration-changed:observation': 2, 'audit-login-failures:observation': 1}, wrap={'subject': 'rhel7'},
        why='changed audit rules are one observation a host, until somebody says that they were planned; ntpd may set the clock; of failed logins only the eighth within ten minutes raises'),
    row('auditd/ubuntu-17.04-linux-4.10.0.ndjson', 'linux-audit', 'depends', 15, 15, 1,
        {'audit-configuration-changed:observation': 2, 'audit-login-failures:observation': 2}, wrap={'subject': 'ubuntu'},
        why='a rename and a deletion in /etc/audit are one observation; of failed logins only the eighth within ten minutes raises'),
    row('aws-cloudtrail/management-events.ndjson', 'aws-cloudtrail', 'yes', 15, 15, 2,
        {'cloudtrail-trail-changed:observation': 1, 'cloudtrail-login-one-factor:minor': 1}),
    row('aws-events/autoscaling-event-launch-unsuccessful.json', 'aws-event', 'depends', 1, 1, 1,
        {'aws-launch-failed:observation': 1}, why='capacity that is not there is an observation under A.8.14'),
    row('aws-events/cloudwatch-alarm-sns-payload-single-metric.json', 'aws-event', 'yes', 1, 1, 1,
        {'aws-alarm:observation': 1}),
    row('aws-events/codebuild-state-change.json', 'aws-event', 'no', 1, 1, 0, {}),
    row('aws-events/codepipeline-execution-stage-change-event.json', 'aws-event', 'no', 1, 1, 0, {}),
    row('aws-events/config-event.json', 'aws-event', 'no', 1, 1, 0, {}),
    row('aws-events/ecs-container-instance-state-change.json', 'aws-event', 'no', 1, 1, 0, {}),
    row('aws-events/s3-event.json', 'aws-event', 'no', 1, 1, 0, {}),
    row('aws-events/ecr-image-scan-event.json', 'aws-event', 'yes', 1, 1, 1, {'aws-image:minor': 1}),
    row('aws-events/sns-event.json', 'aws-event', 'depends', 1, 1, 0, {},
        why='the inner message is plain text that no rule knows: nothing is raised'),
    row('aws-securityhub/config_many_findings.ndjson', 'aws-securityhub', 'no', 3, 3, 0,
        {'securityhub-control-passed:pass': 3}),
    row('aws-securityhub/config_repeated_findings.ndjson', 'aws-securityhub', 'no', 2, 2, 0,
        {'securityhub-control-passed:pass': 2}),
    row('aws-securityhub/guardduty.ndjson', 'aws-securityhub', 'depends', 4, 4, 1,
        {'securityhub-threat:observation': 2},
        why='two of MEDIUM are one observation, they are about one instance; LOW raises nothing'),
    row('aws-securityhub/heimdall_asff_sample.ndjson', 'aws-securityhub', 'yes', 18, 18, 17,
        {'securityhub-control-failed:observation': 15, 'securityhub-control-failed:minor': 2, 'securityhub-control-passed:pass': 1}),
    row('aws-securityhub/securitylake-input-0.json', 'aws-securityhub', 'no', 1, 1, 0, {}),
    row('aws-securityhub/securitylake-input-1.json', 'aws-securityhub', 'no', 1, 1, 0,
        {'securityhub-control-passed:pass': 1}),
    row('chef-inspec-log/many_findings.ndjson', 'inspec', 'no', 10, 10, 0, {'inspec-passed:pass': 9}),
    row('cloudevents-sdk-java/v03/base64_json_data.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/base64_json_data_with_ext.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/base64_xml_data.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/fail_numeric_decimal.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/json_data.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/json_data_with_ext_invalid.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/json_data_with_ext_upper_case.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/min.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/text_data.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v03/xml_data.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v1/base64_json_data.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/base64_json_data_with_ext.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/base64_text_data.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/binary_attr.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/fail_numeric_decimal.json', '', 'no', 1, 0, 0, {}, refused=1),
    row('cloudevents-sdk-java/v1/json_data.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/json_data_with_ext.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/json_data_with_ext_upper_case.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/min.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/text_data.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-sdk-java/v1/xml_data.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-spec/json-format-example-1.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-spec/json-format-example-2.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-spec/json-format-example-3.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-spec/json-format-example-5.json', '', 'no', 1, 1, 0, {}),
    row('cloudevents-spec/json-format-example-7.json', '', 'no', 1, 0, 0, {}, refused=1),
    none('defectdojo-scans/anchore_grype/same_cve_different_paths.json', 'Grype'),
    none('defectdojo-scans/checkov/checkov-report-0-vuln.json', 'Checkov'),
    none('defectdojo-scans/checkov/checkov-report-many-vuln.json', 'Checkov'),
    none('defectdojo-scans/checkov/checkov-report-severity.json', 'Checkov'),
    none('defectdojo-scans/checkov/heimdall_checkov_synthetic.json', 'Checkov'),
    none('defectdojo-scans/conftest/conftest_many_vuln.json', 'Conftest'),
    none('defectdojo-scans/conftest/conftest_no_vuln.json', 'Conftest'),
    none('defectdojo-scans/dependency_track/dependency_track_4.10_2024_02_11.json', 'Dependency-Track'),
    none('defectdojo-scans/dockerbench/docker-bench-report-many-vulns.json', 'Docker Bench'),
    none('defectdojo-scans/gcloud_artifact_scan/many_vulns.json', 'Google Artifact Analysis'),
    none('defectdojo-scans/generic/generic_non_numeric_fields.json', "DefectDojo's own format"),
    none('defectdojo-scans/generic/generic_report1.json', "DefectDojo's own format"),
    none('defectdojo-scans/generic/generic_report3.json', "DefectDojo's own format"),
    none('defectdojo-scans/github_vulnerability/github-5-vuln.json', "GitHub's GraphQL answer"),
    none('defectdojo-scans/github_vulnerability/github_search4_null_cvss_vector.json', "GitHub's GraphQL answer"),
    none('defectdojo-scans/gitleaks/gitleaks8_many.json', 'Gitleaks'),
    none('defectdojo-scans/gitleaks/redacted_data_many.json', 'Gitleaks'),
    none('defectdojo-scans/harbor_vulnerability/harbor-5-vuln.json', 'Harbor'),
    row('defectdojo-scans/kubebench/kube-bench-report-many-vuln.json', 'kube-bench', 'yes', 1, 24, 4,
        {'kube-bench-failed:observation': 1, 'kube-bench-passed:pass': 20, 'kube-bench-failed:minor': 3},
        wrap={'subject': 'prod'},
        why='a check that is not scored is an observation; WARN means that a person has to look: it raises nothing'),
    none('defectdojo-scans/kubehunter/dupe.json', 'kube-hunter'),
    none('defectdojo-scans/kubehunter/kubehunter_many_vul.json', 'kube-hunter'),
    none('defectdojo-scans/kubehunter/kubehunter_zero_vul.json', 'kube-hunter'),
    none('defectdojo-scans/kubescape/results.json', 'Kubescape'),
    row('defectdojo-scans/lynis/lynis_one_vuln.dat', 'lynis', 'no', 1, 1, 0, {'lynis-clean:pass': 1},
        why='lynis-report.awk converts it; it holds a suggestion and no warning'),
    none('defectdojo-scans/openvas/one_vuln.csv', 'OpenVAS (CSV)'),
    none('defectdojo-scans/openvex/openvex_many_vuln.json', 'OpenVEX'),
    none('defectdojo-scans/orca_security/many_vulns.json', 'Orca Security'),
    none('defectdojo-scans/polaris/polaris_many_vuln.json', 'Polaris'),
    none('defectdojo-scans/sarif/dockle_0_3_15.sarif', 'SARIF'),
    none('defectdojo-scans/sarif/suppression_test.sarif', 'SARIF'),
    none('defectdojo-scans/semgrep/high-medium-low-severities.json', 'Semgrep'),
    none('defectdojo-scans/semgrep/repeated_findings.json', 'Semgrep'),
    none('defectdojo-scans/snyk/all-projects_many_vulns.json', 'Snyk'),
    none('defectdojo-scans/ssh_audit/many_vulns.json', 'ssh-audit'),
    none('defectdojo-scans/sysdig_reports/sysdig-2025.json', 'Sysdig'),
    row('defectdojo-scans/trivy/all_statuses.json', 'trivy', 'depends', 1, 9, 0, {'trivy-target-clean:pass': 1},
        why='only LOW ones: nothing is raised, and the target proves clean'),
    row('defectdojo-scans/trivy/cvss_severity_source.json', 'trivy', 'depends', 1, 3, 1,
        {'trivy-vulnerability:observation': 1}, why='Severity wins, the one that Trivy chose'),
    row('defectdojo-scans/trivy/kubernetes.json', 'trivy', 'depends', 1, 26, 0, {'trivy-target-clean:pass': 2},
        why='only LOW and MEDIUM stand in it: nothing is raised, and two targets prove clean'),
    row('defectdojo-scans/trivy/license_scheme.json', 'trivy', 'depends', 1, 2, 0, {},
        why='licences are no security matter of Annex A by themselves'),
    row('defectdojo-scans/trivy/misconfigurations_and_secrets.json', 'trivy', 'yes', 1, 9, 4,
        {'trivy-vulnerability:observation': 1, 'trivy-check:minor': 1, 'trivy-secret:major': 2}),
    row('defectdojo-scans/trivy/scheme_2_many_vulns.json', 'trivy', 'yes', 1, 8, 1,
        {'trivy-vulnerability:observation': 1, 'trivy-vulnerability:minor': 1, 'trivy-target-clean:pass': 2}),
    none('defectdojo-scans/trivy_operator/clustercompliancereport.json', 'Trivy Operator'),
    none('defectdojo-scans/trivy_operator/configauditreport_many.json', 'Trivy Operator'),
    none('defectdojo-scans/trivy_operator/exposedsecretreport_many.json', 'Trivy Operator'),
    row('falco/open_from_cat.ndjson', 'falco', 'yes', 8, 8, 1, {'falco-alert:observation': 8},
        why='raw alerts: eight are one observation of the host'),
    row('github-webhooks/branch_protection_rule.ndjson', 'github', 'yes', 5, 5, 1,
        {'github-protection-back:pass': 2, 'github-protection:minor': 1, 'github-protection:observation': 1},
        wrap={'xgithubevent': 'branch_protection_rule'}),
    row('github-webhooks/code_scanning_alert.ndjson', 'github', 'yes', 6, 6, 1,
        {'github-code:minor': 1, 'github-code-fixed:pass': 1}, wrap={'xgithubevent': 'code_scanning_alert'}),
    row('github-webhooks/dependabot_alert.ndjson', 'github', 'depends', 3, 3, 0, {'github-dependency-fixed:pass': 2},
        wrap={'xgithubevent': 'dependabot_alert'},
        why='the one that was created is of medium severity; fixed ones prove'),
    row('github-webhooks/deploy_key.ndjson', 'github', 'depends', 2, 2, 0, {}, wrap={'xgithubevent': 'deploy_key'},
        why='a key is an ordinary change of access: an own rule can say otherwise'),
    row('github-webhooks/member.ndjson', 'github', 'depends', 4, 4, 0, {}, wrap={'xgithubevent': 'member'},
        why='access is given and taken daily: an own rule can say otherwise'),
    row('github-webhooks/meta.ndjson', 'github', 'depends', 2, 2, 0, {}, wrap={'xgithubevent': 'meta'},
        why='a webhook that was removed: an own rule can say otherwise'),
    row('github-webhooks/organization.ndjson', 'github', 'depends', 5, 5, 0, {}, wrap={'xgithubevent': 'organization'},
        why='members come and go: an own rule can say otherwise'),
    row('github-webhooks/ping.ndjson', 'github', 'no', 4, 4, 0, {}, counted=4, wrap={'xgithubevent': 'ping'}),
    row('github-webhooks/public.ndjson', 'github', 'yes', 3, 3, 1, {'github-public:minor': 3},
        wrap={'xgithubevent': 'public'}),
    row('github-webhooks/repository.ndjson', 'github', 'yes', 13, 13, 2,
        {'github-public:minor': 3, 'github-private-again:pass': 2, 'github-transferred:observation': 3},
        wrap={'xgithubevent': 'repository'}),
    row('github-webhooks/security_advisory.ndjson', 'github', 'no', 4, 4, 0, {},
        wrap={'xgithubevent': 'security_advisory'}),
    row('github-webhooks/team.ndjson', 'github', 'depends', 6, 6, 0, {}, wrap={'xgithubevent': 'team'},
        why='teams change: an own rule can say otherwise'),
    row('grafana/alert_multiple_v8.json', 'grafana', 'depends', 1, 2, 2, {'grafana-alert:observation': 2},
        why='no severity: an observation, unless a label says more; minor where it stays for a day'),
    row('grafana/no_data_alert_v7.json', 'grafana', 'depends', 1, 1, 1, {'grafana-no-data:minor': 1},
        why='what has no data is not monitored: minor under A.8.16'),
    row('inspec-json/good_nginxresults.json', 'inspec', 'no', 1, 41, 0, {'inspec-passed:pass': 36},
        why='no control of it failed; skipped ones raise nothing'),
    row('inspec-json/rhel_cve_failures.json', 'inspec', 'yes', 1, 1, 1, {'inspec-failed:minor': 1}),
    row('inspec-json/s3-results.json', 'inspec', 'yes', 1, 2, 2, {'inspec-failed:major': 2}),
    row('inspec-json/sample-results.json', 'inspec', 'yes', 1, 2, 2, {'inspec-failed:major': 2}),
    row('inspec-json/v-71863.json', 'inspec', 'yes', 1, 1, 1, {'inspec-failed:minor': 1}),
    row('inspec-json/wrapper-acme-run.json', 'inspec', 'yes', 1, 202, 60,
        {'inspec-passed:pass': 6, 'inspec-failed:major': 60}),
    row('jira/webhook-cloud-comment-created.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-cloud-comment-deleted.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-issue-comment-created-indentation.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-issue-created-with-security-level.json', 'jira', 'depends', 1, 1, 0, {},
        why='the issue is a story; types and labels that mean an incident raise'),
    row('jira/webhook-issue-created.json', 'jira', 'depends', 1, 1, 0, {},
        why='the issue is a story; types and labels that mean an incident raise'),
    row('jira/webhook-issue-deleted.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-issue-updated-assigned-nobody.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-issue-updated-labels.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-issue-updated-lowered-priority.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-issue-updated-raised-priority.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-issue-updated-renamed.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-issue-updated-reopened.json', 'jira', 'depends', 1, 1, 0, {},
        why='the issue is a story; an incident would be raised again'),
    row('jira/webhook-issue-updated-resolved.json', 'jira', 'no', 1, 1, 0, {}),
    row('jira/webhook-server-issue-updated-closed.json', 'jira', 'no', 1, 1, 0, {}),
    none('ms-secure-score/secureScore-multiple.json', 'Microsoft Secure Score'),
    none('naughty-strings/blns.json', 'strings for any field, see test_corpus.py'),
    row('openscap-hdf/xccdf-openscap-rhel7-hdf.json', 'openscap', 'yes', 1, 1, 1, {'openscap-failed:minor': 1}),
    row('opsgenie/create.json', 'opsgenie', 'depends', 1, 1, 1, {'opsgenie-alert:observation': 1},
        why='priority 3 is an observation'),
    none('oscal/assessment-results.json', 'OSCAL assessment results'),
    row('pagerduty/resolved_v3.json', 'pagerduty', 'no', 1, 1, 0, {'pagerduty-resolved:pass': 1}),
    row('pagerduty/triggered_v3.json', 'pagerduty', 'yes', 1, 1, 1, {'pagerduty-incident:minor': 1}),
    row('prowler-ocsf/after_4_5_0_one.ocsf.ndjson', 'ocsf', 'yes', 1, 1, 1, {'ocsf-check-failed:minor': 1}),
    row('prowler-ocsf/example_output_aws.ocsf.ndjson', 'ocsf', 'yes', 3, 3, 1, {'ocsf-check-failed:minor': 1}),
    row('prowler-ocsf/example_output_azure.ocsf.ndjson', 'ocsf', 'yes', 3, 3, 2, {'ocsf-check-failed:minor': 2}),
    row('prowler-ocsf/v3plus_many.ocsf.ndjson', 'ocsf', 'yes', 3, 3, 2, {'ocsf-check-failed:minor': 2}),
    row('security-lake-ocsf/cloudtrail-account-change.ndjson', 'ocsf', 'depends', 7, 7, 0, {},
        why='routine changes of accounts: nothing says that they were outside of a window'),
    row('security-lake-ocsf/cloudtrail-api-activity.ndjson', 'ocsf', 'yes', 7, 7, 1,
        {'ocsf-trail-changed:observation': 1}),
    row('security-lake-ocsf/cloudtrail-console-login.ndjson', 'ocsf', 'yes', 1, 1, 1,
        {'ocsf-login-one-factor:observation': 1},
        why='the record does not say that the user is privileged: an observation'),
    row('security-lake-ocsf/route53-dns.ndjson', 'ocsf', 'no', 4, 4, 0, {}, counted=4),
    row('security-lake-ocsf/securityhub-findings-a.ndjson', 'ocsf', 'no', 2, 2, 0, {'ocsf-check-passed:pass': 2}),
    row('security-lake-ocsf/vpc-flow.ndjson', 'ocsf', 'no', 4, 4, 0, {}, counted=4),
    row('suricata-eve/alert.json', 'suricata', 'no', 1, 1, 0, {}, counted=1),
    row('suricata-eve/fileinfo.ndjson', 'suricata', 'no', 1, 1, 0, {}, counted=1,
        why='telemetry by its type; no shipped rule looks for file names'),
    row('toolrun/aide/check-changed.json', 'aide', 'yes', 1, 1, 1, {'aide-changed:observation': 1},
        wrap={'subject': 'demo-srv01'},
        why='a change window is a silence, which holds back and does not judge'),
    row('toolrun/aide/check-clean.json', 'aide', 'no', 1, 1, 0, {'aide-clean:pass': 1}, wrap={'subject': 'demo-srv01'}),
    row('toolrun/alertmanager/api-v2-alerts.json', 'alertmanager-api', 'yes', 1, 6, 6,
        {'alertmanager-alert:observation': 1, 'alertmanager-alert:major': 5}),
    row('toolrun/alertmanager/webhook-backup-tls-disk.ndjson', 'alertmanager', 'yes', 7, 9, 6,
        {'alertmanager-capacity:major': 1, 'alertmanager-certificate:minor': 1, 'alertmanager-backup:major': 2, 'alertmanager-backup:minor': 4, 'alertmanager-backup-resolved:pass': 1}),
    row('toolrun/alertmanager/webhook.ndjson', 'alertmanager', 'yes', 7, 26, 7,
        {'alertmanager-alert:major': 22, 'alertmanager-alert:observation': 3, 'alertmanager-alert-resolved:pass': 1}),
    row('toolrun/borg/create-archive-exists.ndjson', 'borg', 'yes', 1, 1, 1, {'borg-failed:minor': 1},
        wrap={'subject': '/srv/backup/borg', 'exitcode': 2}),
    row('toolrun/borg/create-logjson.ndjson', 'borg', 'no', 20, 20, 0, {}, counted=20,
        wrap={'subject': '/srv/backup/borg', 'exitcode': 0}),
    row('toolrun/borg/create-ok.json', 'borg', 'no', 1, 1, 0, {'borg-ok:pass': 2},
        wrap={'subject': '/srv/backup/borg', 'exitcode': 0}),
    row('toolrun/borg/create-warning-missing-path.ndjson', 'borg', 'yes', 18, 18, 1, {'borg-warned:minor': 1},
        counted=17, wrap={'subject': '/srv/backup/borg', 'exitcode': 1},
        why='a path that is missing makes the backup incomplete: minor'),
    row('toolrun/borg/list.json', 'borg', 'no', 1, 1, 0, {}, wrap={'subject': '/srv/backup/borg'},
        why='an inventory; that no archive is new is a rule for a missing event'),
    row('toolrun/borg/wrong-passphrase.ndjson', 'borg', 'yes', 1, 1, 1, {'borg-failed:minor': 1},
        wrap={'subject': '/srv/backup/borg', 'exitcode': 2}),
    none('toolrun/exit-codes.tsv', 'no message: what a wrapper adds'),
    row('toolrun/journald/journal-all.ndjson', 'journal', 'yes', 205, 205, 6,
        {'systemd-unit-ok:pass': 10, 'systemd-backup-failed:minor': 2, 'systemd-backup-ok:pass': 2, 'systemd-unit-failed:minor': 9, 'journal-sudo-refused:observation': 1, 'journal-ssh-failures:observation': 9},
        why='one NC a unit; sudo without the right to and nine failed passwords are an observation each'),
    row('toolrun/journald/journal-warning-and-worse.ndjson', 'journal', 'yes', 28, 28, 5,
        {'systemd-backup-failed:minor': 2, 'systemd-unit-failed:minor': 9, 'journal-sudo-refused:observation': 1},
        why='one NC a unit, whatever the number of lines; sudo without the right to is an observation, as in the whole journal'),
    row('toolrun/journald/unit-backup-restic.ndjson', 'journal', 'yes', 8, 8, 1, {'systemd-backup-failed:minor': 2}),
    row('toolrun/journald/journal-err.json-seq', 'journal', 'yes', 17, 17, 5,
        {'systemd-backup-failed:minor': 1, 'systemd-unit-failed:minor': 3, 'journal-sudo-refused:observation': 1}),
    row('toolrun/journald/systemctl-failed.json', 'systemd-unit', 'yes', 1, 4, 4,
        {'systemd-backup-failed:minor': 1, 'systemd-unit-failed:minor': 3}),
    row('toolrun/pgbackrest/info-missing-stanza.json', 'pgbackrest', 'yes', 1, 1, 1, {'pgbackrest-failed:minor': 1}),
    row('toolrun/pgbackrest/info-no-backups.json', 'pgbackrest', 'yes', 1, 1, 1, {'pgbackrest-failed:minor': 1}),
    row('toolrun/pgbackrest/info-ok.json', 'pgbackrest', 'no', 1, 3, 0,
        {'pgbackrest-ok:pass': 1, 'pgbackrest-pages-ok:pass': 1},
        why='each backup is an event once, when it is first seen; that none is new is a rule for a missing event'),
    row('toolrun/restic/backup-incremental.ndjson', 'restic', 'no', 3, 3, 0, {'restic-ok:pass': 1}, counted=2,
        wrap={'subject': '/srv/data', 'exitcode': 0}),
    row('toolrun/restic/backup-ok.ndjson', 'restic', 'no', 4, 4, 0, {'restic-ok:pass': 1}, counted=3,
        wrap={'subject': '/srv/data', 'exitcode': 0}),
    row('toolrun/restic/backup-partial.stderr.ndjson', 'restic', 'yes', 3, 2, 1, {'restic-failed:minor': 2}, refused=1,
        wrap={'subject': '/srv/data', 'exitcode': 3},
        why='one line is plain text and refused; the two errors are one NC'),
    row('toolrun/restic/backup-partial.stdout.ndjson', 'restic', 'yes', 3, 3, 1, {'restic-failed:minor': 2}, counted=1,
        wrap={'subject': '/srv/data', 'exitcode': 3}),
    row('toolrun/restic/snapshots.json', 'restic', 'no', 1, 1, 0, {}, wrap={'subject': '/srv/data'},
        why='an inventory; that no snapshot is new is a rule for a missing event'),
    row('wazuh/abnormal_severity.json', 'wazuh-vulnerabilities', 'depends', 1, 1, 1,
        {'wazuh-state-high:observation': 1}, why='an unknown severity counts as high: an observation of the host'),
    row('wazuh/v4-7_vulnerabilities.json', 'wazuh-vulnerabilities', 'yes', 1, 13, 2,
        {'wazuh-state-critical:minor': 2, 'wazuh-state-high:observation': 4}, wrap={'subject': 'agent-001'},
        why='critical ones by their CVE, high ones and what is not rated as one observation a host; more than three new ones a day are one storm'),
    row('zabbix/alert_disaster.json', 'zabbix', 'yes', 1, 1, 1, {'zabbix-problem:major': 1}),
    row('zabbix/ok.json', 'zabbix', 'no', 1, 1, 0, {'zabbix-ok:pass': 1}),
]
# fmt: on


def messages(path):
    """The messages of a file, bytes as they are."""
    raw = path.read_bytes()
    if path.suffix == ".ndjson":
        return [line for line in raw.split(b"\n") if line.strip()]
    if path.suffix == ".json-seq":
        return [record.strip() for record in raw.split(b"\x1e") if record.strip()]
    if path.suffix == ".dat":
        convert = ["awk", "-f", ROOT / "daemon" / "adapters" / "lynis-report.awk", path]
        return [subprocess.run(convert, check=True, capture_output=True).stdout.strip()]
    return [raw.strip()]


def wrapped(message, extensions):
    """The message as the data of a CloudEvent, its bytes untouched."""
    around = {"specversion": "1.0", "id": "1", "source": "corpus", "type": "corpus.test", **extensions}
    return json.dumps(around).encode()[:-1] + b',"data":' + message + b"}"


def judged(adapter, frames):
    """What show_frames says of each."""
    request = b"".join(adapter.encode() + b"\t%d\n" % len(frame) + frame for frame in frames)
    run = subprocess.run([SHOW, ROOT / "daemon"], input=request, check=True, capture_output=True, timeout=120)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(frames)
    return answers


def outcome(answers):
    """The columns of a row that are measured."""
    rules, failing = collections.Counter(), collections.Counter()
    parts = [part for answer in answers for part in answer["parts"]]
    for part in parts:
        for match in part["matches"]:
            rules[f"{match['rule']}:{match['grade'] or 'pass'}"] += 1
            if match["effect"] == "fail":
                failing[match["rule"], match["fingerprint"]] += 1
                assert match["title"] and match["statement"] and match["asset"]
    refused = sum(answer["status"] is not None for answer in answers)
    refused += sum(part["status"] in ("invalid", "forbidden") for part in parts)
    return {"events": len(parts), "ncs": sum(n >= COUNTS.get(rule, 1) for (rule, _), n in failing.items()), "rules": dict(rules), "refused": refused,
            "counted": sum(part["counted_only"] for part in parts)}


@pytest.mark.parametrize("expected", [pytest.param(r, id=r.path) for r in TABLE if r.adapter is not None])
def test_file(expected):
    frames = messages(CORPUS / expected.path)
    if expected.wrap:
        frames = [wrapped(frame, expected.wrap) for frame in frames]
    answers = judged(expected.adapter or "-", frames)
    assert len(frames) == expected.frames
    wanted = {name: getattr(expected, name) for name in ("events", "ncs", "rules", "refused", "counted")}
    assert outcome(answers) == wanted


def test_table_is_complete():
    """Every file has its row, and rows that depend say on what."""
    files = {str(p.relative_to(CORPUS)) for p in CORPUS.rglob("*") if p.is_file() and p.suffix != ".md"}
    files -= {name for name in files if name.startswith(("jsontestsuite/", "LICENSES/"))}
    assert files == {r.path for r in TABLE}
    assert len(TABLE) == len(files)


def test_raise_as_the_sources_say():
    for r in TABLE:
        if r.raises == "yes":
            assert r.ncs > 0, r.path
        elif r.raises == "no":
            assert r.ncs == 0, r.path
        else:
            assert r.why, r.path


@pytest.mark.parametrize("path", [r.path for r in TABLE if r.adapter is None])
def test_without_an_adapter(path):
    """Sent as it is, nothing of it is taken for an event, and each message is told why."""
    frames = messages(CORPUS / path)
    for answer in judged("-", frames):
        assert answer["status"] == "invalid" and answer["error"] and not answer["parts"], answer


def test_the_sources_agree():
    """The last column of SOURCES.md beside the row: a plain yes or no is kept, what depends on something is explained."""
    said = {m[1]: m[2] for m in re.finditer(r"(?m)^\| `([^`]+)` \|.* \| ([^|]+) \|$", (CORPUS / "SOURCES.md").read_text())}
    rows = {r.path: r for r in TABLE}
    assert len(rows) > 170 and set(rows) <= set(said), set(rows) - set(said)
    for path, r in rows.items():
        word = re.match(r"[a-z]*", said[path])[0]
        if r.adapter is None:
            continue
        if word == "no":
            assert r.raises == "no", (path, said[path])
        elif word == "yes":
            assert r.raises == "yes" or r.why, (path, said[path])
        else:
            assert r.why or r.raises == "yes", (path, said[path])


def test_noise():
    """What whole files become: a flood is one nonconformity, a scan of a host is one, and telemetry is none."""
    of = {r.path: r for r in TABLE}
    assert of["falco/open_from_cat.ndjson"].ncs == 1
    assert of["openscap-hdf/xccdf-openscap-rhel7-hdf.json"].ncs == 1
    assert of["toolrun/journald/journal-all.ndjson"].ncs <= 6
    assert of["security-lake-ocsf/vpc-flow.ndjson"].counted == of["security-lake-ocsf/vpc-flow.ndjson"].events


def test_pairs_meet():
    """What a tool reports as over meets what it reported as failed, whatever else changed."""
    def fingerprints(adapter, name, effect):
        return {m["fingerprint"] for a in judged(adapter, messages(CORPUS / name)) for p in a["parts"]
                for m in p["matches"] if m["effect"] == effect}

    assert fingerprints("zabbix", "zabbix/alert_disaster.json", "fail") == fingerprints("zabbix", "zabbix/ok.json", "pass")
    assert len(fingerprints("aws-securityhub", "aws-securityhub/config_repeated_findings.ndjson", "pass")) == 1
    failed = fingerprints("alertmanager", "toolrun/alertmanager/webhook.ndjson", "fail")
    assert fingerprints("alertmanager", "toolrun/alertmanager/webhook.ndjson", "pass") <= failed


def test_secrets_are_not_kept():
    """The demo password of the journal, and what scanners found, never reach what is stored."""
    answers = judged("journal", messages(CORPUS / "toolrun/journald/journal-all.ndjson"))
    lines = [json.loads(line).get("_CMDLINE") for line in messages(CORPUS / "toolrun/journald/journal-all.ndjson")]
    assert sum(line is not None for line in lines) > 100
    for line, answer in zip(lines, answers):
        assert (answer["redacted"] == ["/_CMDLINE"]) == (line is not None)
        assert line is None or json.loads(answer["stored"])["_CMDLINE"] == "[redacted]"
    report = json.loads((CORPUS / "defectdojo-scans/trivy/misconfigurations_and_secrets.json").read_text())
    answer = judged("trivy", messages(CORPUS / "defectdojo-scans/trivy/misconfigurations_and_secrets.json"))[0]
    secrets = [s["Match"] for result in report["Results"] for s in result.get("Secrets", [])]
    assert secrets and answer["redacted"] == ["/Results/*/Secrets/*/Match"]
    assert not any(secret in json.dumps(answer) for secret in secrets)


def test_big_integers_stay():
    """19 digits and 64-bit ids are text all the way."""
    part = judged("suricata", messages(CORPUS / "suricata-eve/alert.json"))[0]["parts"][0]
    assert part["fields"]["flow"] == "1696236471136137"
    part = judged("opsgenie", messages(CORPUS / "opsgenie/create.json"))[0]["parts"][0]
    assert part["time"] == "2017-08-14T11:25:56.288000Z"


CONTROLS_NAMED = {  # file: the controls that its failures name, beside the rule's own, and how many failures do
    "inspec-json/rhel_cve_failures.json": {"A.8.8": 1},
    "inspec-json/s3-results.json": {"A.8.2": 2},
    "inspec-json/sample-results.json": {"A.8.2": 2},
}


def test_controls_that_come_along():
    """Findings that name controls are filed under them: which files those are, and under what."""
    named = {}
    for r in (r for r in TABLE if r.adapter in ("inspec", "ocsf", "aws-securityhub") and r.raises != "no"):
        frames = [wrapped(f, r.wrap) if r.wrap else f for f in messages(CORPUS / r.path)]
        found = collections.Counter(" ".join(m["controls"][1:]) for a in judged(r.adapter, frames) for p in a["parts"] for m in p["matches"]
                                    if m["effect"] == "fail" and m["rule"] in ("inspec-failed", "ocsf-check-failed", "securityhub-control-failed"))
        found.pop("", None)
        if found:
            named[r.path] = dict(found)
    assert named == CONTROLS_NAMED


def test_old_control_numbers():
    """The lines of Chef InSpec name controls of 2013; none of them failed, so here each does."""
    lines = [json.loads(line) for line in messages(CORPUS / "chef-inspec-log/many_findings.ndjson")]
    frames = [json.dumps({**line, "status": "failed", "results": [{"status": "failed"}], "impact": 1}).encode() for line in lines]
    found = [(line["control_tags"]["ISO27001_2013"], m["controls"]) for line, a in zip(lines, judged("inspec", frames)) for m in a["parts"][0]["matches"]]
    of_2022 = {"A.12.4.4": "A.8.17", "A.12.5.1": "A.8.19", "A.13.1.3": "A.8.22"}
    assert len(found) == len(lines) == 10
    assert found == [([old], ["A.8.9", of_2022[old]]) for (old,), _ in found]
