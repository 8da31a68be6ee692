// SPDX-License-Identifier: Apache-2.0
// SecondCopies: whom a requeue would send a message a second time.
//
// Postfix maps the addresses of a requeued message anew (postsuper(1)): it adds its Bcc recipients once more,
// whether they have got their copy or still wait for it (so do header_checks with the action BCC), and where
// an address that is in the queue is itself in virtual_alias_maps ("team team, archive"), those whom it
// stands for once more.
#pragma once

#include "conf/postfix/instance.hpp"
#include "milter/ctl/queued_message.hpp"

#include <map>
#include <string>
#include <vector>

namespace sendconnector::ctl {

class SecondCopies {
public:
    // Looks up these messages' addresses. Fails when a table cannot be asked.
    static Result<SecondCopies> of(const conf::postfix::Instance& instance,
                                   const std::vector<const QueuedMessage*>& messages);

    // "always_bcc has a copy sent again"; empty: nobody gets a second copy.
    std::string risk(const QueuedMessage& message) const;

private:
    std::string m_for_all;
    std::map<std::string, std::string> m_by_sender;
    std::map<std::string, std::string> m_by_recipient;
};

} // namespace sendconnector::ctl
