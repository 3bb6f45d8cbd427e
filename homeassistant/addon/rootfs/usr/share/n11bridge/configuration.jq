# The add-on's options as a configuration of n11bridge; the broker stands in the environment.
{
  modem: ({port: .device} + if .pin then {pin} else {} end),
  mqtt: (
    {host: env.MQTT_HOST, port: (env.MQTT_PORT | tonumber)}
    + if (env.MQTT_USERNAME // "") != ""
      then {username: "${MQTT_USERNAME}", password: "${MQTT_PASSWORD}"} else {} end
    + if env.MQTT_TLS == "true" then {tls: {}} else {} end
  ),
  store: "/data/n11.db",
  contacts: ((.contacts // []) | map({key: .name, value: .number}) | from_entries),
  sms: {trusted: (.trusted // [])},
  log: {level: (.log_level // "info")}
}
