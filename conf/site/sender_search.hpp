// SPDX-License-Identifier: Apache-2.0
// How Postfix looks a sender up in tables (trivial-rewrite(8), ADDRESS_REWRITING_README), and which senders
// a site's tables name.
#pragma once

#include "conf/site/site.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::site {

// A sender as tables name it: "user@domain", "@domain", "<>" for the null sender. Everybody: "*".
class SenderSearch {
public:
    explicit SenderSearch(const Site& site);

    // What tables are searched for, in order: "user+ext@domain", "user@domain", for a local domain
    // "user+ext" and "user", "@domain". None for "*" and "<>".
    std::vector<std::string> keys(std::string_view sender) const;
    // The sender's own and the wider ones that hold where it is not listed, up to "*".
    std::vector<std::string> chain(std::string_view sender) const;

    // Nothing of a local domain's is told by a bare "user" that mydestination lists in a table.
    bool knows_local_domains() const { return m_knows_local; }
    const std::set<std::string>& local_domains() const { return m_local; }

private:
    std::string m_delimiter;
    std::set<std::string> m_local; // myorigin and mydestination
    bool m_knows_local = true;
};

// What the tables of a site say by sender, and by what name.
struct NamedSenders {
    std::set<std::string> senders; // "user@domain", "@domain", "<>"
    struct Odd {
        std::string key;
        std::string table; // as it is shown
        bool is_loss;      // false: Postfix never looks for such a key either
    };
    std::vector<Odd> odd; // keys that name no sender here
};
NamedSenders named_senders(const Site& site, const SenderSearch& search);

// "user@domain", "domain", "<>" or "*", as a connector's senders have it; nothing when they cannot.
std::optional<std::string> sender_pattern(std::string_view sender);

} // namespace sendconnector::conf::site
