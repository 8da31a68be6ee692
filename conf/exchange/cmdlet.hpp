// SPDX-License-Identifier: Apache-2.0
// Cmdlet: one call of a send connector cmdlet, its parameters known and complete.
#pragma once

#include "conf/exchange/cmdlet_text.hpp"
#include "conf/exchange/parameter_table.hpp"
#include "policy/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::exchange {

// A parameter with what was given for it.
struct Bound {
    const Parameter* parameter;
    Value value;
    std::optional<ListChange> change = {}; // of lists, with Set-SendConnector
};

struct Cmdlet {
    CmdletName name;
    std::vector<Bound> parameters; // in the order written, each once

    // nullptr when it was not given.
    const Bound* find(std::string_view parameter) const;
    // The text given for it; empty when there is none.
    std::string text(std::string_view parameter) const;
    // Nothing when it was not given.
    std::optional<bool> flag(std::string_view parameter) const;
};

// Binds words to parameters as PowerShell does: names in any case, cut short where only one can be meant (a
// parameter that Exchange lacks gives way), aliases; switches alone or with a value; -Identity, and -Name of
// New-SendConnector, by position. Of `raw` words, a list is cut at its commas, also where they stand at the
// end or the beginning of a word. Fails with what to write instead: no such parameter, more than one meant,
// given twice, without a value, missing, or with a value that PowerShell would have to work out (but for a
// credential, whose text is then kept).
Result<Cmdlet> bind(CmdletName name, std::span<const Element> elements);

// The call as a script may write it, on one line: the parameters that are about a connector. A credential is
// shown only where it is the name of a file.
std::string to_string(const Cmdlet& cmdlet);

// "-SmartHosts", "-Port": how messages write a parameter's name.
std::string dashed(std::string_view parameter);

} // namespace sendconnector::conf::exchange
