# /patch help, and the answers to commands that could not be read. Discord shows the first 100 characters
# of a help text while somebody types.

help-title = patchbot commands
help-fallback = Commands: status, mine, list, show, plan, approve, reject, runs, compliance, stop, resume, notify, menu, help.
help-note = Only you can see the answers. What concerns everybody is posted in the channel.
help-status = The status of every environment, and which plans are waiting for approval.
help-mine = Plans waiting for your approval, runs in progress, and the status of every environment.
help-list = Missing patches, worst first. With a level, only that level: III (CVSS 7.0 to 10.0), II (4.0 to 6.9), I (0.0 to 3.9) or unrated (no score).
help-show = Details of a patch, a CVE or a run.
help-plan = Create a plan from what is missing now, and post it for approval. Omitted options keep their configured values. Without an environment, a form opens.
help-approve = Show you alone the waiting plan and its Approve button. Typing the command does not vote.
help-reject = Show you alone the waiting plan and its Reject button. The requester can read your reason.
help-runs = All runs, newest first.
help-compliance = What Systems Manager reports now, with each node that is not compliant or unknown.
help-stop = Emergency stop: no new install or scan until someone resumes. With a run: stop that run for good. A restart changes neither.
help-resume = Show you alone who stopped everything and why, with the button to resume. A reason is required.
help-menu = Your pending approvals and shortcuts. `/patch` alone does the same.
help-help = This list, or help for one command.
usage-status = {""}
usage-mine = {""}
usage-menu = {""}
usage-list = [level]
usage-show = <patch | CVE | run>
usage-plan = [environment] [window=NAME|now] [reboot=yes|no] [waves=CANARY/PERCENT%]
usage-approve = [run]
usage-reject = [run] <reason>
usage-runs = {""}
usage-compliance = [environment]
usage-stop = [run] <reason>
usage-resume = <reason>
usage-help = [command]
parse-too-long = The command is { $length } characters long, and the limit is { $limit }. Nothing was done. Shorten it, or type `/patch help`.
parse-unknown = There is no command “{ $given }”. Nothing was done. `/patch help` lists all commands.
parse-unknown-suggest = There is no command “{ $given }”. Nothing was done. Did you mean { $usage }?
parse-not-yet = “{ $verb }” is planned but does not exist yet. Nothing was done. `/patch help` lists all commands.
parse-missing = Nothing was done: { $why } Type { $usage }.
parse-unusable = “{ $verb }” does not accept “{ $given }”. Nothing was done. Type { $usage }.
missing-plan = an environment is required.
missing-show = a patch, a CVE or a run is required.
missing-reject = a reason is required, because the requester reads it.
missing-stop = a reason is required, because everybody will ask for it.
missing-resume = a reason is required. Why is it safe to continue?

argument-verb = The command to explain
argument-level = Only patches of this level
argument-environment = The name of an environment
argument-run = The name of a run, such as verification-3
argument-subject = A patch, a CVE or a run
argument-reason = Your reason, for everybody to read
