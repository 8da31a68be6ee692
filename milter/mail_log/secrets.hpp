// SPDX-License-Identifier: Apache-2.0
// Secrets: what an smtp(8) process has logged in with, to be hidden wherever it turns up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::mail_log {

// As Exchange shows what it does not.
inline constexpr std::string_view hidden_secret = "<authentication response>";

class Secrets {
public:
    // The password that is about to be used; those before it are forgotten.
    void begin(std::string_view password);
    // A response of AUTH, as it was sent.
    void add(std::string_view response);
    // With the password, in any form that AUTH gives it, replaced. `is_cut`: the text may end in the middle
    // of it.
    std::string hide(std::string_view text, bool is_cut) const;

private:
    std::vector<std::string> m_secrets;
};

} // namespace sendconnector::mail_log
