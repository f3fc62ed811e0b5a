# /patch help, and what is said of commands that could not be read.

help-title = What you can ask
help-fallback = Commands: status, mine, list, show, plan, approve, reject, runs, compliance, stop, resume, notify, help.
help-note = Answers come to you alone. What concerns everybody is posted in the channel.
help-status = Where every environment stands, and what waits for a decision.
help-mine = What waits for you, what is under way, and where every environment stands.
help-list = Missing patches, the worst first. A level is III, II, I or unrated.
help-show = All that is known of a patch, a CVE or a run.
help-plan = Draft a plan from what is missing now, and post it for approval. What you leave out is as configured; without an environment a dialog asks for all of it.
help-approve = Approve the plan that waits. The button on its card does the same.
help-reject = Reject the plan that waits. A reason is needed; who asked for it reads it.
help-runs = All runs, the newest first.
help-compliance = What Systems Manager reports right now, node by node where it is not good.
help-stop = Emergency stop: nothing more is sent anywhere, even after a restart, until someone resumes. With a run: only that run is called off, for good.
help-resume = Lets work go on after a stop.
help-help = This list, or one command.
usage-status = {""}
usage-mine = {""}
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
parse-too-long = That is { $length } characters long, and a command has at most { $limit }. Nothing was done. Shorten it, or type `/patch help`.
parse-unknown = There is no command “{ $given }”. Nothing was done. `/patch help` lists what there is.
parse-unknown-suggest = There is no command “{ $given }”. Nothing was done. Did you mean { $usage }?
parse-not-yet = “{ $verb }” is planned and does not exist yet. Nothing was done. `/patch help` lists what there is.
parse-missing = Nothing was done: { $why } Type { $usage }.
parse-unusable = “{ $verb }” cannot use “{ $given }”. Nothing was done. Type { $usage }.
missing-plan = it has to be said which environment.
missing-show = it has to be said what to show.
missing-reject = a reason is needed; whoever asked for the plan reads it.
missing-stop = a reason is needed; everybody will ask for it.
missing-resume = a reason is needed: why is it safe to go on?

argument-verb = The command to explain
argument-level = Only patches of this level
argument-environment = The name of an environment
argument-run = The run, such as verification-3; the only one that waits, if none is named
argument-subject = A patch, a CVE or a run
argument-reason = Why, for everybody to read
