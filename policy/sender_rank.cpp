// SPDX-License-Identifier: Apache-2.0
#include "policy/sender_rank.hpp"

#include "policy/domain.hpp"

namespace sendconnector::policy {

int sender_rank::best_of(SenderKey key) {
    switch (key.kind) {
    case SenderPattern::Kind::mailbox:
        return subaddress;
    case SenderPattern::Kind::null_sender:
        return mailbox;
    case SenderPattern::Kind::domain:
        return domain;
    case SenderPattern::Kind::domain_and_below:
        return domain_and_below(labels_of(key.text));
    case SenderPattern::Kind::any:
        break;
    }
    return any;
}

int sender_rank::worst_of(SenderKey key) {
    return key.kind == SenderPattern::Kind::mailbox ? mailbox : best_of(key);
}

} // namespace sendconnector::policy
