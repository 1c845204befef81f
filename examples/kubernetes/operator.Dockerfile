# The image of operator.yaml:
# docker build -f operator.Dockerfile -t registry.example.com/swansong-autoinstrumentation:1.0.0 .
FROM node:24-alpine AS build
WORKDIR /autoinstrumentation
RUN npm install --omit=dev swansong
COPY autoinstrumentation.cjs autoinstrumentation.js

# The Operator runs `cp` in this image as the user of the Pod.
FROM busybox
COPY --from=build /autoinstrumentation /autoinstrumentation
RUN chmod -R go+rX /autoinstrumentation
USER 1000:1000
