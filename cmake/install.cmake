# SPDX-License-Identifier: Apache-2.0
install(TARGETS sendconnectord sendconnectorctl DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(FILES conf/dist/sendconnector.toml DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/sendconnector)
install(FILES conf/dist/sendconnector.service conf/dist/sendconnector-log.service
    conf/dist/sendconnector-log.socket DESTINATION lib/systemd/system)
install(FILES conf/dist/sendconnectorctl.bash-completion
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME sendconnectorctl)
install(FILES man/sendconnectord.8 man/sendconnectorctl.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES man/sendconnector.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES man/sendconnector-tls.7 man/sendconnector-cmdlets.7 man/sendconnector-import.7
    man/sendconnector-from-exchange.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(DIRECTORY conf/dist/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
