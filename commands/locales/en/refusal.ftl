# Refusals: what happened, what it means, what to do. Always private.

refusal-title = Not done
refusal-nobody = Nobody may approve plans for { $environment }, because no approvers are configured. Your vote was not counted. Ask your patchbot administrator to name approvers.
refusal-not-approver = You may not decide on plans for { $environment }. Nothing was counted. These may: { $approvers }.
refusal-not-linked = Your group decides on plans for { $environment }, but nothing was counted. People here use both Slack and Discord, and patchbot does not know your account on the other one. Ask your patchbot administrator to add you to the configuration, as a person with your ids. Then vote again.
refusal-outside = Nothing was done, because you are not a member of the Slack workspace or the Discord server that patchbot works in, or the platform did not confirm that you are. Ask somebody who is a member.
refusal-not-here = Nothing was done here. You can request plans, decide, stop and resume only in the channels that patchbot is configured for: do it there. Commands that only read, such as `/patch status`, work here too.
refusal-not-linked-to-ask = No plan was created. People here use both Slack and Discord, and patchbot does not know your account on the other one. Ask your patchbot administrator to add you to the configuration, as a person with your ids. Then ask again.
refusal-may-not-ask = You may not request plans for { $environment }. No plan was created. These may: { $people }.
refusal-too-many-plans = No plan was created. You have requested { $limit ->
    [one] one plan
   *[other] { $limit } plans
 } within the last hour, which is the limit for one person. You can request one again on { $again }. If it cannot wait, ask somebody else to type the command.
refusal-too-many-looks = AWS was not asked. Within the last hour you have caused { $limit ->
    [one] one check
   *[other] { $limit } checks
 } of AWS, by `/patch plan`, by `/patch compliance` or by what you stated about a command, which is the limit for one person. You can do so again on { $again }. `/patch status` and `/patch list` show what was seen last and have no limit. If it cannot wait, ask somebody else to type the command.
refusal-too-many-votes = Your vote was not counted. You have voted on { $run } { $limit } times within the last hour, and everybody is notified each time. You can vote on it again on { $again }. You can still reject it.
refusal-too-many-stops = Nothing was changed, and everything stays stopped. You have stopped or resumed everything { $limit } times within the last hour, and everybody is notified each time. You can do so again on { $again }. If work must continue before that, ask another approver to type `/patch resume`.
refusal-own = You requested { $run }, and the requester may not decide on it. Nothing was counted. These may: { $approvers }.
refusal-other-plan = That card is out of date: the plan of { $run } has changed. Nothing was counted. Use the newest card.
refusal-already-voted = You already approved { $run } on { $at }. Your vote counts once.
refusal-no-vote = You have no vote on { $run } to withdraw.
refusal-approved = { $run } is already approved.
refusal-running = { $run } is already in progress. To stop it, type `/patch stop { $run }` and a reason. Without the name of a run, that command stops everything.
refusal-ending = { $run } is already stopping. Its card shows what is still in progress.
refusal-finished = { $run } has already finished.
refusal-halted = { $run } was already stopped.
refusal-rejected = { $run } was already rejected by { $who }.
refusal-expired = { $run } has expired: it did not get enough votes in time. Request a new plan.
refusal-voided = { $run } is no longer valid. Look for the plan that came after it, or request a new one.
refusal-not-proven = { $run } cannot be approved, because { $needs } is not proven. { $why } Your vote was not counted.
refusal-still-open = { $run } is still open in that environment. Decide on it first, or wait until it ends.
refusal-no-reason = A reason is required. Nothing was done.
refusal-long-reason = The reason is longer than { $limit } characters. Nothing was done. Shorten it, and put the rest in the thread.
refusal-unknown-environment = There is no environment “{ $given }”. Nothing was done. Choose one of these: { $known }.
refusal-unknown-run = There is no run “{ $given }”. Nothing was done. `/patch runs` lists them.
refusal-which-run = Several plans are waiting: { $waiting }. Nothing was done. Name the one you mean.
refusal-nothing-waits = No plan is waiting for approval. To request one, type `/patch plan` and an environment.
refusal-unknown-subject = No node misses a patch called “{ $given }”, and no run has that name. `/patch list` shows what is missing.
refusal-no-nodes = No node of { $environment } was found in the patch group { $group }, so there is nothing to plan. Check the PatchGroup tag on the nodes, and that their agents are registered.
refusal-none-settled = No node is in { $environment } alone, so there is nothing to plan. { $nodes }
refusal-no-window = No plan was created. { $environment } should be patched in the maintenance window “{ $window }”, which cannot be used. { $why }
refusal-not-stopped = There is no emergency stop to resume from.
refusal-another-stop = Nothing was resumed, because there is now another emergency stop than the one that you were shown. { $who } stopped everything on { $at }: { $reason }. Once that is over too, type `/patch resume` and a reason again.
refusal-may-not-stop = Only people who may approve plans can stop or resume. Nothing was changed. Ask one of them: { $approvers }.
refusal-not-uncertain = { $run } no longer needs that answer. Check its card.
refusal-did-run = The command did run: { $all ->
    [one] its node reports
   *[other] { $nodes } of its { $all } nodes { $nodes ->
        [one] reports
       *[other] report
     }
 } the snapshot id of that command of { $run }. So it cannot count as not sent, and nothing was sent again. patchbot tracks it to its end; the card shows the progress. If you would rather not continue, press **Stop this run**.
refusal-no-command-id = That is not a command id. Nothing was done. Systems Manager shows it in Run Command, Command history: 36 characters such as 0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a.
refusal-not-that-command = { $command } was not adopted for { $run }: { $why } Nothing was changed. Look for the snapshot id that the card shows.
refusal-not-begun = { $run } has not started, so there is nothing to stop. Press **Reject** on its card, or type `/patch reject { $run }` and a reason.
mismatch-unknown = AWS has no command with that id in the account and Region of this environment.
mismatch-taken = it is { $dispatch }, which is already known.
mismatch-document = it runs the document { $document }, not AWS-RunPatchBaseline.
mismatch-operation = its operation is “{ $operation }”, not the one of this command.
mismatch-nodes = it went to other nodes (ours that did not get it: { $lacking }; others that got it: { $others }).
refusal-button-other = This button comes from another version of patchbot. Nothing was done. Use the newest card, or type the command.
refusal-button-nonsense = This button does not come from patchbot. Nothing was done.
refusal-unavailable = This could not be done now, and nothing was changed. { $why }. Try again in a minute. If it keeps failing, your patchbot administrator can find details in the log.
unavailable-fault = There is a fault inside patchbot
refusal-dialog-too-late = The form took too long to open, and nothing was done. Try again.
unavailable-not-configured = { $environment } is no longer configured
