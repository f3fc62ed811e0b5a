# Direct messages, and who chose to get them.

help-notify = Whether patchbot sends you a direct message when a plan waits for your approval.
usage-notify = [on | off]
argument-switch = on or off; if omitted, shows the current setting

notify-title = Direct messages
notify-off = **Off.** patchbot sends you no direct messages on this platform. Type `/patch notify on` to get one each time a plan starts waiting for your approval.
notify-on = **On** since { $at }. Each time a plan starts waiting for your approval, patchbot sends you a direct message on this platform. Type `/patch notify off` to turn this off.
notify-closed = **patchbot could not deliver its last message, and does not try again.** { $why }. Allow direct messages from this app and from members of this server, then type `/patch notify on` again.
notify-trouble = **patchbot could not deliver its last message yet.** { $why }. It tries again while the plan is waiting. Your patchbot administrator can find details in the log.
notify-not-named = No environment names you as an approver today, so there is nothing to tell you about.

asked-title = Approval requested: { $environment } ({ $run })
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
 } Requested by { $who }. It needs { $quorum ->
    [one] one vote
   *[other] { $quorum } votes
 }, until { $until }.
asked-link = Open the card to approve or reject
asked-link-over = Open the card
asked-no-link = The card is in the channel. `/patch mine` lists the plans waiting for you.
asked-note = You chose to get these messages. Type `/patch notify off` to turn them off.
asked-voted = Your vote is counted. The plan waits for other votes until { $until }.
asked-approved = Approved by { $voters }. You need not do anything.
asked-rejected = Rejected by { $who }: { $reason }. Nothing was sent.
asked-expired = It did not get enough votes in time. Nothing was sent.
