# Plans that differ from the configuration: their options, and what approvers read about them.

argument-window = A maintenance window that the environment may use, or now. Default: as configured
argument-reboot = Whether nodes reboot after patching. Default: as configured
argument-waves = Nodes in the first wave, and percent of all nodes in each further wave, such as 1/25%

parse-option-window = `window` needs a name or now. No plan was created. Omit it to keep the configured value, or type { $usage }.
parse-option-reboot = `reboot` must be yes or no, not “{ $given }”. No plan was created. Omit it to keep the configured value, or type { $usage }.
parse-option-waves = `waves` cannot be “{ $given }”. No plan was created. Type the number of nodes in the first wave (1 to { $most }), a slash, and the percent of all nodes in each further wave (1 to 100), such as `waves=1/25%`.
parse-twice = { $option } was given twice, so it is not clear which one counts. No plan was created. Type { $usage }.

refusal-needs-window = { $environment } is patched only in a maintenance window, so a run cannot start at once. No plan was created. Omit `window`, or name a window that it may use: { $windows }. Only your patchbot administrator can change this, in the configuration.
refusal-unknown-window = “{ $given }” is not a maintenance window that { $environment } may use. No plan was created. { $count ->
    [0] Its configuration names no windows, so omit `window`.
   *[other] Omit `window`, or name one of these: { $windows }.
 }

departs = {" — "}**configured: { $configured }**
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
form-plan-text = Fields that you do not change keep their configured values. The plan's card shows approvers where it differs from the configuration.
form-plan-environment = Environment
form-plan-window = Maintenance window
form-plan-reboot = Reboot after patching
form-plan-canary = Nodes in the first wave
form-plan-percent = Percent of all nodes in each further wave
form-plan-configured = As configured{ $known ->
    [0] {""}
   *[other] {" "}({ $environment }: { $configured })
 }
form-plan-at-once = No window: as soon as it is approved
form-plan-reboot-yes = Reboot
form-plan-reboot-no = No reboot
form-plan-empty = Empty: as configured{ $known ->
    [0] {""}
   *[other] {" "}({ $environment }: { $configured })
 }. Or: { $all }
form-plan-submit = Create the plan

mistake-environment = { $named ->
    [0] An environment is required.
   *[other] There is no environment “{ $given }”.
 } Choose one of these: { $known }.
mistake-needs-window = { $environment } is patched only in a maintenance window, so a run cannot start at once. Leave this as configured, or choose one of these: { $windows }.
mistake-unknown-window = { $environment } may not use “{ $given }”. { $count ->
    [0] Leave this as configured: its configuration names no windows.
   *[other] Leave this as configured, or choose one of these: { $windows }.
 }
mistake-reboot = This must be yes or no, not “{ $given }”. Leave it empty to keep the configured value.
mistake-canary = This must be a whole number of nodes from 1 to { $most }, not “{ $given }”. Leave it empty to keep the configured value.
mistake-percent = This must be a whole number from 1 to 100, not “{ $given }”. Leave it empty to keep the configured value.
refusal-mistaken = No plan was created, because some fields are invalid. Open the form again with `/patch plan`, or type the options after the command.
