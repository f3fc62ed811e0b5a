# Plans on other terms than the configuration's: their options, and what approvers read of them.

argument-window = A maintenance window that the environment may use, or now; as configured, if left out
argument-reboot = Whether nodes reboot after a patch; as configured, if left out
argument-waves = Nodes in the first wave, and percent of all in each further one, such as 1/25%

parse-option-window = `window` needs a name, or now. Nothing was planned. Leave it out to keep what the configuration says, or type { $usage }.
parse-option-reboot = `reboot` is yes or no, and not “{ $given }”. Nothing was planned. Leave it out to keep what the configuration says, or type { $usage }.
parse-option-waves = `waves` cannot be “{ $given }”. Nothing was planned. It is the nodes of the first wave (1 to { $most }), a slash, and how many percent of all nodes each further wave has (1 to 100), such as `waves=1/25%`.
parse-twice = { $option } is there twice, so it is not clear which one counts. Nothing was planned. Type { $usage }.

refusal-needs-window = { $environment } is patched only in a maintenance window, so it cannot start at once. Nothing was planned. Leave `window` out, or name one that it may use: { $windows }. Only your patchbot administrator can change that, in the configuration.
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

button-plan-with = { $several ->
    [0] Plan with options…
   *[other] Plan { $environment } with options…
 }

form-plan-title = Plan with options
form-plan-text = Whatever you leave as it is follows the configuration. Approvers read on the plan's card where it departs from that.
form-plan-environment = Environment
form-plan-window = Maintenance window
form-plan-reboot = Reboot after a patch
form-plan-canary = Nodes in the first wave
form-plan-percent = Percent of all nodes in each further wave
form-plan-configured = As configured{ $known ->
    [0] {""}
   *[other] {" "}({ $environment }: { $configured })
 }
form-plan-at-once = None: as soon as it is approved
form-plan-reboot-yes = Reboot
form-plan-reboot-no = No reboot
form-plan-empty = Empty: as configured{ $known ->
    [0] {""}
   *[other] {" "}({ $environment }: { $configured })
 }. Or: { $all }
form-plan-submit = Draft the plan

mistake-environment = { $named ->
    [0] An environment is needed.
   *[other] There is no environment “{ $given }”.
 } There are: { $known }.
mistake-needs-window = { $environment } is patched only in a maintenance window, so it cannot start at once. Leave this as configured, or choose one of these: { $windows }.
mistake-unknown-window = { $environment } may not use “{ $given }”. { $count ->
    [0] Leave this as configured: its configuration names no window.
   *[other] Leave this as configured, or choose one of these: { $windows }.
 }
mistake-reboot = This is yes or no, and not “{ $given }”. Leave it empty to keep what the configuration says.
mistake-canary = This is a whole number of nodes from 1 to { $most }, and not “{ $given }”. Leave it empty to keep what the configuration says.
mistake-percent = This is a whole number from 1 to 100, and not “{ $given }”. Leave it empty to keep what the configuration says.
refusal-mistaken = Nothing was planned, because some fields are not valid. Open the form again with `/patch plan`, or type the options after the command.
