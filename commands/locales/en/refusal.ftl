# Refusals: what happened, what it means, what to do. Always private.

refusal-title = Not done
refusal-nobody = Nobody may approve plans for { $environment }: no approvers are configured. Your vote was not counted. Ask your patchbot administrator to name approvers for it.
refusal-not-approver = You may not decide on plans for { $environment }, so nothing was counted. These may: { $approvers }.
refusal-not-linked = Your group decides on plans for { $environment }, but nothing was counted: people here use Slack and Discord, and patchbot does not know who you are on both. Ask your patchbot administrator to add you to the configuration, as a person with your ids; then vote again.
refusal-outside = Nothing was done: you are not a member of the Slack workspace or the Discord server that patchbot works in, or the platform did not say that you are one. Ask somebody who is a member.
refusal-not-here = Nothing was done here: people ask for plans, decide, stop and resume only in the channels that patchbot is configured for. Do it there. What only reads, such as `/patch status`, is answered here too.
refusal-not-linked-to-ask = Nothing was planned: people here use Slack and Discord, and patchbot does not know who you are on both. Ask your patchbot administrator to add you to the configuration, as a person with your ids; then ask again.
refusal-may-not-ask = You may not ask for plans for { $environment }, so nothing was planned. These may: { $people }.
refusal-too-many-plans = Nothing was planned: you have asked for { $limit ->
    [one] one plan
   *[other] { $limit } plans
 } within the last hour, and that is as many as one person may ask for. You may ask again on { $again }. If it cannot wait, ask somebody else to type it.
refusal-too-many-looks = AWS was not asked: within the last hour you have asked for { $limit ->
    [one] one look
   *[other] { $limit } looks
 } at it, by `/patch plan`, `/patch compliance` or what you say of a command, and that is as many as one person may ask for. You may ask again on { $again }. What was seen last is free: `/patch status` and `/patch list`. If it cannot wait, ask somebody else to type it.
refusal-too-many-votes = Your vote was not counted: you have voted for { $run } { $limit } times within the last hour, and everybody reads each time. You may vote on it again on { $again }. You can still reject it.
refusal-too-many-stops = Nothing was changed, and everything stays stopped: you have stopped everything or let it go on { $limit } times within the last hour, and everybody reads each time. You may do it again on { $again }. If work has to go on before that, ask another approver to type `/patch resume`.
refusal-own = You asked for { $run } yourself, and the person who asks does not decide. Nothing was counted. These may: { $approvers }.
refusal-other-plan = The card you used is out of date: the plan of { $run } has changed, so that plan is no longer the one. Nothing was counted. Use the newest card.
refusal-already-voted = You already approved { $run }, on { $at }. It counts once.
refusal-no-vote = You have no vote on { $run } to withdraw.
refusal-approved = { $run } already has its votes.
refusal-running = { $run } is already under way. To call it off, type `/patch stop { $run }` and a reason; without a run's name, that stops everything.
refusal-ending = { $run } is already called off. What was under way comes to its end; its card shows how far that is.
refusal-finished = { $run } has already ended.
refusal-halted = { $run } was already called off.
refusal-rejected = { $run } was already rejected by { $who }.
refusal-expired = { $run } has expired: nobody decided in time. Ask for a new plan.
refusal-voided = { $run } is void. Look for the plan that came after it, or ask for a new one.
refusal-not-proven = { $run } cannot be approved: { $needs } is not proven. { $why } Your vote was not counted.
refusal-still-open = { $run } is still open in that environment. Decide on it first, or let it end.
refusal-no-reason = A reason is needed. Nothing was done.
refusal-long-reason = The reason is longer than { $limit } characters. Nothing was done. Shorten it and put the rest in the thread.
refusal-unknown-environment = There is no environment “{ $given }”. Nothing was done. There are: { $known }.
refusal-unknown-run = There is no run “{ $given }”. Nothing was done. `/patch runs` lists them.
refusal-which-run = Several plans wait: { $waiting }. Nothing was done. Name the one you mean.
refusal-nothing-waits = No plan waits for a decision. `/patch plan` and an environment asks for one.
refusal-unknown-subject = Nothing called “{ $given }” is missing on any node, and no run is called that. `/patch list` shows what is missing.
refusal-no-nodes = No node in { $environment } answers to the patch group { $group }. There is nothing to plan. Check the tag PatchGroup on the nodes and that their agents are registered.
refusal-none-settled = No node is in { $environment } alone. There is nothing to plan. { $nodes }
refusal-no-window = { $environment } is to be patched in the maintenance window “{ $window }”, and that cannot be used. { $why } Nothing was planned.
refusal-not-stopped = Nothing is stopped. There is nothing to resume.
refusal-another-stop = Nothing goes on: what stands now is another stop than the one that you were shown. { $who } stopped everything on { $at }: { $reason }. When that is over as well, type `/patch resume` and a reason again.
refusal-may-not-stop = Only people who may approve plans can stop or resume. Nothing was changed. Ask one of: { $approvers }.
refusal-not-uncertain = Nothing in { $run } waits for that answer now. Look at its card.
refusal-did-run = It did run: { $all ->
    [one] its node reports
   *[other] { $nodes } of its { $all } nodes { $nodes ->
        [one] reports
       *[other] report
     }
 } the snapshot id of that command of { $run }. So it cannot count as not sent, and nothing was sent again. It is followed to its end; the card shows how far it is. To go no further, press **Stop this run**.
refusal-no-command-id = That is no command id, so nothing was done. Systems Manager shows it in Run Command, Command history: 36 characters such as 0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a.
refusal-not-that-command = { $command } was not adopted for { $run }: { $why } Nothing was changed. Look for the snapshot id that stands on the card.
refusal-not-begun = { $run } has not started, so there is nothing to stop. Press **Reject** on its card, or type `/patch reject { $run }` and a reason.
mismatch-unknown = AWS has no command of that id in the account and Region of this environment.
mismatch-taken = that is { $dispatch }, which is known already.
mismatch-document = it runs the document { $document } and not AWS-RunPatchBaseline.
mismatch-operation = its operation is “{ $operation }”, which is another one.
mismatch-nodes = it went to other nodes: { $lacking } of ours not among them, { $others } that are not ours.
refusal-button-other = This button was made by another version of patchbot. Nothing was done. Use the newest card, or type the command.
refusal-button-nonsense = This button was not made by patchbot. Nothing was done.
refusal-unavailable = It could not be done now: { $why }. Nothing was changed. Try again in a minute; if it stays so, your patchbot administrator finds more in its log.
unavailable-fault = a fault inside patchbot, which its log describes
refusal-dialog-too-late = The form took too long to open, so nothing was asked. Ask for it again.
unavailable-not-configured = { $environment } is no longer configured
