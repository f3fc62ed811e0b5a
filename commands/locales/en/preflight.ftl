# The check just before a wave is sent: other patch activity on its nodes, and nodes that have left.

held-up = **Wave { $wave } is waiting, because something else is patching its nodes.** Two patch operations on one node corrupt each other's results, so patchbot sends nothing more until the other one has ended. It checks again every minute and continues by itself. If you cannot wait, stop the other operation where it was started, or { $started ->
    [0] press **Reject**
   *[other] stop this run
 }.
overlap-command = { $whose ->
    [0] Somebody's command
    [1] A command of { $run }, another patchbot run:
   *[other] A command of patchbot's scheduled scan:
 } { $id } ({ $document }){ $dated ->
    [0] {""}
   *[other] , sent on { $at }
 }{ $commented ->
    [0] , without a comment
   *[other] , with the comment "{ $comment }"
 }; not finished on { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } of this wave
overlap-window = The maintenance window { $name } ({ $id }) is open and patches with { $document }{ $dated ->
    [0] {""}
   *[other] , since { $at }
 }; it targets { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } of this wave
overlap-association = The State Manager association { $named ->
    [0] { $id }
   *[other] { $name } ({ $id })
 } is running and patches with { $document }{ $dated ->
    [0] {""}
   *[other] , since { $at }
 }; it { $counted ->
    [0] may reach nodes of this wave (its targets do not say which)
   *[other] targets { $nodes ->
        [one] 1 node
       *[other] { $nodes } nodes
     } of this wave
 }. Wait until it ends. To keep the two apart in future, take these nodes out of the association, or out of the Quick Setup patch policy that created it
overlap-run = { $run } is working on { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } of this wave
overlap-more = and { $more } more
silent = { $nodes ->
    [one] **1 node of wave { $wave } does not answer** ({ $names }). patchbot sends nothing to it, and it counts as unknown.
   *[other] **{ $nodes } nodes of wave { $wave } do not answer** ({ $names }). patchbot sends nothing to them, and they count as unknown.
 }
left-out = { $nodes ->
    [one] **1 node was left out**, because it has left the environment since the plan was approved: { $names }. Nothing was sent to it, and this run proves nothing about it. The other nodes continue.
   *[other] **{ $nodes } nodes were left out**, because they have left the environment since the plan was approved: { $names }. Nothing was sent to them, and this run proves nothing about them. The other nodes continue.
 }
left-out-before = { $run } proved this **without { $nodes ->
    [one] 1 node that had left the environment
   *[other] { $nodes } nodes that had left the environment
 }** by then: { $names }. The proof comes from the other nodes.
gone-not-managed = no longer managed: terminated, stopped or deregistered
gone-untagged = no longer in the patch group
gone-in-two-groups = in two patch groups, because the values of its tags { $tag } and { $other } differ: remove one of them, or give both the same value
gone-node = { $node } ({ $why })
in-two-groups = { $nodes ->
    [one] **1 node is in two patch groups**, that of { $environment } and another, and therefore in no environment
   *[other] **{ $nodes } nodes are in two patch groups**, that of { $environment } and another, and therefore in no environment
 }: { $names }. The values of the tags { $tag } and { $other } differ there. Until this is settled, no plan includes { $nodes ->
    [one] it and patchbot sends nothing to it
   *[other] them and patchbot sends nothing to them
 }: remove one of the two tags, or give both the same value.
in-two-groups-then = { $nodes ->
    [one] **Without 1 node, which was in two patch groups** when this was planned: { $names }. This run sent nothing to it.
   *[other] **Without { $nodes } nodes, which were in two patch groups** when this was planned: { $names }. This run sent nothing to them.
 }
in-two-groups-node = { $name } ({ $id }, in { $environment } by its tag { $tag })
verdict-not-sent = **unknown**: its agent did not answer just before its wave, so nothing was sent to it. The instance may be stopped or stuck: check it. Once it answers again, type `/patch plan { $environment }` again
verdict-left-out = left out: { $why }

fact-on-drift-label = If nodes leave
fact-on-drift = Nodes that leave the environment before their wave are **left out**; the others continue

run-lead-nodes-gone = **{ $nodes ->
    [one] 1 node of wave { $wave } has
   *[other] { $nodes } nodes of wave { $wave } have
 } left the environment** since this was approved: { $names }. This environment does not continue without them, so wave { $wave } and those after it were not sent. The nodes of earlier waves are done. Plan again for the nodes that remain.

story-held-up = Wave { $wave } is waiting, because something else is patching its nodes.{ $overlaps }
story-cleared = Nothing else is patching the nodes of wave { $wave } now. The run continues.
story-silent = { $count ->
    [one] 1 node of wave { $wave } does not answer
   *[other] { $count } nodes of wave { $wave } do not answer
 }: { $nodes }. patchbot sends nothing there, and what does not answer counts as unknown.
story-left-out = Left out before wave { $wave }, because no longer in the environment: { $nodes }. Nothing was sent there.
story-nodes-gone = Stopped before wave { $wave }, because nodes have left the environment: { $nodes }.
