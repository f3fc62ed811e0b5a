# What is looked at just before a wave is sent: what else patches its nodes, and who has left.

held-up = **Wave { $wave } waits, because something else patches its nodes.** Two patch runs on one node corrupt each other's result, so nothing more is sent before that has ended. It is looked at again every minute, and goes on by itself. If you cannot wait: stop the other where it was started, or { $started ->
    [0] take this back with **Reject**
   *[other] call this run off
 }.
overlap-command = { $whose ->
    [0] Somebody's command
    [1] A command of { $run }, another run of patchbot:
   *[other] A command of patchbot's scan on schedule:
 } { $id } ({ $document }){ $dated ->
    [0] {""}
   *[other] , sent on { $at }
 }{ $commented ->
    [0] , without a comment
   *[other] , with the comment "{ $comment }"
 }; not ended on { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } of this wave
overlap-window = The maintenance window { $name } ({ $id }) is open and patches with { $document }{ $dated ->
    [0] {""}
   *[other] , since { $at }
 }; it is for { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } of this wave
overlap-association = The State Manager association { $named ->
    [0] { $id }
   *[other] { $name } ({ $id })
 } is being applied and patches with { $document }{ $dated ->
    [0] {""}
   *[other] , since { $at }
 }; it { $counted ->
    [0] may reach nodes of this wave: its targets do not tell which
   *[other] is for { $nodes ->
        [one] 1 node
       *[other] { $nodes } nodes
     } of this wave
 }. Wait until it ends. So that the two do not meet again, take these nodes out of the association, or out of the Quick Setup patch policy that made it
overlap-run = { $run } works on { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } of this wave
overlap-more = and { $more } more
silent = { $nodes ->
    [one] **1 node of wave { $wave } does not answer** ({ $names }). Nothing is sent to it, and it counts as unknown.
   *[other] **{ $nodes } nodes of wave { $wave } do not answer** ({ $names }). Nothing is sent to them, and they count as unknown.
 }
left-out = { $nodes ->
    [one] **1 node was left out**, because it has left the environment since the plan was approved: { $names }. Nothing was sent to it and nothing is proven of it; the others go on without it.
   *[other] **{ $nodes } nodes were left out**, because they have left the environment since the plan was approved: { $names }. Nothing was sent to them and nothing is proven of them; the others go on without them.
 }
left-out-before = { $run } proved this **without { $nodes ->
    [one] 1 node that had left the environment
   *[other] { $nodes } nodes that had left the environment
 }** by then: { $names }. What is proven was proven on the others.
gone-not-managed = no longer managed: terminated, stopped or deregistered
gone-untagged = no longer in the patch group
gone-unsettled = in two patch groups, because the values of its tags { $tag } and { $other } differ: remove one of them, or give both the same value
gone-node = { $node } ({ $why })
unsettled = { $nodes ->
    [one] **1 node is in two patch groups**, that of { $environment } and another, and so in no environment
   *[other] **{ $nodes } nodes are in two patch groups**, that of { $environment } and another, and so in no environment
 }: { $names }. The values of the tags { $tag } and { $other } differ there. Until that is settled, no plan counts { $nodes ->
    [one] it and nothing is sent to it
   *[other] them and nothing is sent to them
 }: remove one of the two tags, or give both the same value.
unsettled-then = { $nodes ->
    [one] **Without 1 node, which was in two patch groups** when this was planned: { $names }. This run sent nothing to it.
   *[other] **Without { $nodes } nodes, which were in two patch groups** when this was planned: { $names }. This run sent nothing to them.
 }
unsettled-node = { $name } ({ $id }, in { $environment } by its tag { $tag })
verdict-not-sent = **unknown**: its agent did not answer just before its wave, so nothing was sent to it. It may be stopped, or hang: look at the instance. When it answers again, `/patch plan { $environment }` again
verdict-left-out = left out: { $why }

fact-on-drift-label = If nodes go
fact-on-drift = Nodes that leave the environment before their wave are **left out**; the others go on

run-lead-nodes-gone = **{ $nodes ->
    [one] 1 node of wave { $wave } has
   *[other] { $nodes } nodes of wave { $wave } have
 } left the environment** since this was approved: { $names }. This environment does not go on without them, so wave { $wave } and those after it were not sent. Nodes of earlier waves are done. Plan again for the nodes there are now.

story-held-up = Wave { $wave } waits: something else patches its nodes.{ $overlaps }
story-cleared = Nothing else patches the nodes of wave { $wave } now. It goes on.
story-silent = { $count ->
    [one] 1 node of wave { $wave } does not answer
   *[other] { $count } nodes of wave { $wave } do not answer
 }: { $nodes }. Nothing is sent there, and what does not answer counts as unknown.
story-left-out = Left out before wave { $wave }, because no longer in the environment: { $nodes }. Nothing was sent there.
story-nodes-gone = Called off before wave { $wave }, because nodes have left the environment: { $nodes }.
