# Plans on other terms than the configuration's: their options, and what approvers read of them.

argument-window = A maintenance window that the environment may use, or now; as configured, if left out
argument-reboot = Whether nodes reboot after a patch; as configured, if left out
argument-waves = Nodes in the first wave, and percent of all in each further one, such as 1/25%

parse-option-window = `window` needs a name, or now. Nothing was planned. Leave it out to keep what the configuration says, or type { $usage }.
parse-option-reboot = `reboot` is yes or no, and not “{ $given }”. Nothing was planned. Leave it out to keep what the configuration says, or type { $usage }.
parse-option-waves = `waves` cannot be “{ $given }”. Nothing was planned. It is the nodes of the first wave (1 to { $most }), a slash, and how many percent of all nodes each further wave has (1 to 100), such as `waves=1/25%`.
parse-twice = { $option } is there twice, so it is not clear which one counts. Nothing was planned. Type { $usage }.

refusal-needs-window = { $environment } is patched only in a maintenance window, so it cannot start at once. Nothing was planned. Leave `window` out, or name one that it may use: { $windows }. Whoever runs patchbot can change that in the configuration, and nobody can here.
refusal-unknown-window = “{ $given }” is no maintenance window that { $environment } may use. Nothing was planned. { $count ->
    [0] Its configuration names none: leave `window` out.
   *[other] Leave `window` out, or name one of these: { $windows }.
 }

departs = {" — "}**the configuration says: { $configured }**
configured-reboot-if-needed = reboot
configured-no-reboot = no reboot
configured-waves = { $canary ->
    [one] 1 node
   *[other] { $canary } nodes
 } first, then { $percent } % in each wave
configured-start-now = as soon as it is approved
configured-start-window = in the window { $window }
