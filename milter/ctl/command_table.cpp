// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/command_table.hpp"

#include "milter/ctl/command_words.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/spelling.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

constexpr Option global_table[] = {
    {"config", "FILE", "configuration file, default /etc/sendconnector/sendconnector.toml"},
    {"postfix-config", "DIR", "Postfix instance, default what config_directory in [postfix] says"},
    {"json", "", "print data as JSON"},
    {"color", "WHEN", "auto (on a terminal, unless NO_COLOR is set), always or never"},
    {"help", "", "print help, of a command if one is named"},
    {"version", "", "print the version"},
};

constexpr Command command_table[] = {
    {"check",
     "check the configuration, the files it names and what Postfix says to it",
     "Prints every finding, one a line, and a summary. Credentials and the Postfix instance are looked\n"
     "at by root only; what was left out is said. Exit status 1 when something keeps the configuration\n"
     "from being used.",
     {},
     {},
     check},
    {"list",
     "list the connectors, as Get-SendConnector does",
     "With --json everything that --wide shows.",
     {},
     list_options,
     list},
    {"show",
     "show all parameters of a connector, as Get-SendConnector NAME | Format-List does",
     "What Exchange does not have comes last: sendconnector's own parameters, the service in master.cf,\n"
     "next-hops, the TLS policy as Postfix is told it, and whether it is applied. Never a secret.",
     show_arguments,
     {},
     show},
    {"explain",
     "say which connector a message takes, and why not the others",
     "Answers for recipients that Postfix sends out by its default transport (--route names others), and\n"
     "says what sets the route: the lookup endpoint, the milter, or the milter behind the split listener.\n"
     "Exit status 1 when the message would be refused, or the configuration is one that this version does\n"
     "not serve.",
     {},
     explain_options,
     explain},
    {"validate", "try every smart host as Postfix would, and judge its TLS and certificate",
     "Per smart host and address: greeting, EHLO, STARTTLS, protocol and cipher, the certificate chain,\n"
     "names, expiry, revocation, and the verdict with every reason and what to do. No mail is sent\n"
     "unless --send-to asks for it. Exit status 1 when a smart host fails its connector's rule, 2 when\n"
     "one could not be judged.",
     validate_arguments, validate_options, validate},
    {"apply",
     "make Postfix and the daemon what the configuration says",
     "Checks, tries the smart hosts that are new or under a changed rule, writes the connectors' services\n"
     "into master.cf, reloads Postfix and the daemon. All or nothing: when a smart host does not pass\n"
     "(see validate) or a step fails, everything is as it was. A second run finds nothing to do. Leaves\n"
     "main.cf alone: see enable.",
     {},
     apply_options,
     apply},
    {"enable",
     "attach the daemon to Postfix, in main.cf",
     "Adds to smtpd_milters, non_smtpd_milters, milter_header_checks and\n"
     "sender_dependent_default_transport_maps, beside what is there. From then on mail waits for the\n"
     "daemon when it does not run.",
     {},
     {},
     enable},
    {"disable",
     "detach the daemon from Postfix",
     "Takes out of main.cf what enable added, and out of master.cf what apply made. What enable found\n"
     "comes back as it was.",
     {},
     {},
     disable},
    {"reload",
     "make the running daemon read its configuration again",
     "A configuration that does not check out changes nothing: its errors are printed and the exit\n"
     "status is 1. Status 2 when no daemon answers.",
     {},
     {},
     reload},
    {"status",
     "say what runs, what is applied, and what needs attention",
     "Exit status 0 when all is well, 1 when something needs attention, 2 when that could not be told.",
     {},
     {},
     status},
    {"tls", "show what the daemon has verified of each next-hop, and what Postfix is told",
     "Next-hop, connector, verdict, reason, age, time to the next check. Exit status 1 when a next-hop is\n"
     "refused or not known, 2 when no daemon answers.",
     tls_arguments, tls_options, tls},
    {"queue",
     "show the queue by connector, and why its mail really waits",
     "Per connector: messages active, deferred, on hold and incoming, the age of the oldest, and the\n"
     "reasons. Where the daemon put a delivery off, its reason stands in place of Postfix' own. With\n"
     "NAME the messages themselves.",
     queue_arguments,
     {},
     queue},
    {"requeue", "have queued messages decided on anew, after connectors or smart hosts changed",
     "Only for deferred messages whose queue file fixes a way (FILTER) that is not what the\n"
     "configuration says now; all others follow it by themselves. What would lose its route, or be\n"
     "delivered twice, is left and named. Refused unless the daemon runs by this configuration and is\n"
     "attached. Exit status 1 when something was left that should have moved.",
     requeue_arguments, requeue_options, requeue},
    {"trace", "tell what became of a message, from the mail log",
     "Who handed it in, what the daemon decided, into which copies it was split, and of each delivery\n"
     "connector, smart host, TLS and result; of what waits, the real reason. Exit status 1 when the mail\n"
     "log tells of no such message.",
     trace_arguments, trace_options, trace},
    {"log", "show a connector's SMTP conversations, or write the log of them",
     "For connectors with protocol_logging_level = \"Verbose\". Times are local; passwords are in no log.\n"
     "Exit status 1 when there is no conversation.",
     log_arguments, log_options, log},
    {"headers", "read a message's headers: its way, delays, what was verified, which connector it took",
     "A summary, a table of hops with delays, what servers stated about SPF, DKIM, DMARC and ARC, the\n"
     "fields of Exchange and of spam filters in words, all other fields. A connector is known by its\n"
     "fqdn, its smart hosts and its source address. Nothing is verified: whoever handled the message\n"
     "may have written what stands in it.",
     headers_arguments, headers_options, headers},
    {"new",
     "make a connector by answering questions",
     "As the Exchange admin center asks them: name and type, MX or smart hosts, authentication, address\n"
     "space, senders, TLS. Tries the smart hosts as soon as they are named, and shows their certificates.\n"
     "Before it writes conf.d/SLUG.toml it shows the file, and what apply would change in Postfix. Enter\n"
     "takes what stands in brackets, < goes back, ? explains, q leaves. Wants a terminal, but no more of\n"
     "it than lines.",
     {},
     {},
     new_connector},
    {"import", "take connectors from what Exchange exported, or from this host's Postfix",
     "Reads CLIXML (Export-Clixml), JSON (ConvertTo-Json), CSV (Export-Csv), a script of New- and\n"
     "Set-SendConnector commands, and TOML; which one, it sees by itself. \"postfix\" in place of a file\n"
     "reads what main.cf and its tables do by sender, logins and TLS with it, and wants root. Says of each\n"
     "connector what was taken, what has no meaning here and what needs a hand. Connectors of the same\n"
     "name are changed where they differ, all others are made in files of conf.d. The whole configuration\n"
     "is checked first. Exit status 1 when something could not be taken.",
     import_arguments, import_options, import_connectors},
    {"export", "print connectors as Exchange exports them, or as TOML",
     "powershell prints New-SendConnector commands. What Exchange does not have is there as parameters of\n"
     "our own, such as -Senders. Each format can be imported again. Never a secret: a credential is the\n"
     "name of its file.",
     export_arguments, export_options, export_connectors},
    {"keys",
     "list the keys of the configuration file",
     "Scope, name, type, default, range, Exchange's name and meaning of each.",
     {},
     {},
     keys},
    {"New-SendConnector",
     "make a connector, in a file of conf.d",
     "As in the Exchange Management Shell. The whole configuration is checked with the new connector in\n"
     "place before conf.d/SLUG.toml is written; then it is said what apply would do.",
     {},
     {},
     cmdlet,
     "[-Name] NAME -AddressSpaces LIST [-PARAMETER VALUE...]"},
    {"Set-SendConnector",
     "change a connector, in the file where it stands",
     "Only what is named changes: comments, order and all other values stay. A list can be given anew, or\n"
     "changed with '@{Add=\"...\"; Remove=\"...\"}'. $null takes a value back.",
     {},
     {},
     cmdlet,
     "[-Identity] NAME [-PARAMETER VALUE...]"},
    {"Get-SendConnector",
     "list connectors, all or by name",
     "With -Format List every parameter. With --json an array of what show prints.",
     {},
     {},
     cmdlet,
     "[[-Identity] NAME] [-Format List]"},
    {"Remove-SendConnector",
     "take a connector out of its file",
     "Asks first, at a terminal; elsewhere it wants -Confirm:$false. A file of conf.d of which nothing is\n"
     "left goes.",
     {},
     {},
     cmdlet,
     "[-Identity] NAME [-Confirm:$false]"},
    {"Enable-SendConnector",
     "set a connector's Enabled to $true",
     "The same as Set-SendConnector NAME -Enabled $true.",
     {},
     {},
     cmdlet,
     "[-Identity] NAME"},
    {"Disable-SendConnector",
     "set a connector's Enabled to $false",
     "The same as Set-SendConnector NAME -Enabled $false.",
     {},
     {},
     cmdlet,
     "[-Identity] NAME"},
    {"cmdlets",
     "run a script of Exchange's cmdlets, as PowerShell would take it",
     "Nothing has to be protected from a shell: sendconnectorctl cmdlets < FILE. Statements run in order\n"
     "up to the first that fails; when one cannot be understood, none is run. Get-SendConnector can be\n"
     "piped into Format-List and the other cmdlets.",
     cmdlets_arguments,
     {},
     cmdlets},
    {"help", "print help", "With --json the table of all commands and options.", help_arguments, {}, help},
};

// More than these do not fit a line of usage.
constexpr std::size_t most_spelt_out = 3;

void append_names(std::vector<std::string>& names, std::span<const Option> options) {
    for (const Option& option : options)
        names.emplace_back(option.name);
}

} // namespace

std::span<const Command> commands() {
    return command_table;
}

std::span<const Option> global_options() {
    return global_table;
}

const Command* find_command(std::string_view name) {
    const std::string folded = policy::fold_case(name);
    const auto* found = std::ranges::find_if(command_table, [&](const Command& command) {
        return command.name == name || (command.is_cmdlet() && policy::fold_case(command.name) == folded);
    });
    return found == std::end(command_table) ? nullptr : &*found;
}

const Option* find_option(std::span<const Option> options, std::string_view name) {
    const auto found = std::ranges::find(options, name, &Option::name);
    return found == options.end() ? nullptr : &*found;
}

std::string written(const Option& option) {
    if (option.may_stand_alone)
        return fmt::format("--{}[={}]", option.name, option.argument);
    return fmt::format("--{}{}{}", option.name, option.argument.empty() ? "" : " ", option.argument);
}

std::string usage(const Command& command) {
    std::string text(command.name);
    if (command.is_cmdlet())
        return fmt::format("{} {}", text, command.synopsis);
    const bool long_list = command.options.size() > most_spelt_out;
    if (long_list)
        text += " [OPTION...]";
    for (const Option& option : command.options) {
        if (long_list && !option.required)
            continue;
        text += fmt::format(fmt::runtime(option.required ? " {}" : " [{}]"), written(option));
    }
    for (const Argument& argument : command.arguments)
        text += fmt::format(fmt::runtime(argument.required ? " {}{}" : " [{}{}]"), argument.name,
                            argument.repeats ? "..." : "");
    return text;
}

std::string nearest_command(std::string_view written) {
    std::vector<std::string> names;
    for (const Command& command : command_table)
        names.emplace_back(command.name);
    return meant_by(written, names);
}

std::string nearest_option(const Command* command, std::string_view written) {
    std::vector<std::string> names;
    if (command != nullptr)
        append_names(names, command->options);
    append_names(names, global_table);
    return meant_by(written, names);
}

} // namespace sendconnector::ctl
