# What is told in person, and the choice to be told.

help-notify = Whether patchbot writes to you in person when a plan waits for your decision: on, off, or what is set.
usage-notify = [on | off]
argument-switch = On or off; what is set, if neither is given

notify-title = Direct messages
notify-off = **Off.** patchbot sends you no direct messages on this platform. Type `/patch notify on`, and it sends one whenever a plan begins to wait for your decision.
notify-on = **On** since { $at }: when a plan begins to wait for your decision, patchbot sends you a direct message on this platform. `/patch notify off` ends that.
notify-closed = **The last message could not be delivered, so nothing more is tried:** { $why }. Allow direct messages from this app and from people of this server, then type `/patch notify on` again.
notify-trouble = **The last message could not be delivered yet:** { $why }. It is tried again as long as the plan waits. Your patchbot administrator finds more in its log.
notify-not-named = No environment names you as an approver today, so there is nothing to write about.

asked-title = Your decision is asked for: { $environment } ({ $run })
asked-title-voted = You have voted: { $environment } ({ $run })
asked-title-decided = Decided: { $environment } ({ $run })
asked-title-over = No longer open: { $environment } ({ $run })
asked-text = { $patches ->
    [0] A scan of { $nodes } { $nodes ->
        [one] node
       *[other] nodes
     } of **{ $environment }**.
    [one] 1 patch on { $nodes } { $nodes ->
        [one] node
       *[other] nodes
     } of **{ $environment }**, level { $worst }.
   *[other] { $patches } patches on { $nodes } { $nodes ->
        [one] node
       *[other] nodes
     } of **{ $environment }**, the worst: level { $worst }.
 } Asked for by { $who }. It takes { $quorum ->
    [one] one vote
   *[other] { $quorum } votes
 }, until { $until }.
asked-link = Look at it, and decide on its card
asked-link-over = Look at its card
asked-no-link = The card is in the channel; `/patch mine` lists what waits for you.
asked-note = You asked to be told. `/patch notify off` ends that.
asked-voted = Your vote counts. It still waits for others, until { $until }.
asked-approved = Approved by { $voters }. There is nothing left to decide.
asked-rejected = Rejected by { $who }: { $reason }. Nothing was sent.
asked-expired = Nobody decided in time. Nothing was sent.
