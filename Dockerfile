# docker build -t wherry . && docker run -p 6443:6443 -v wherry:/data --name wherry wherry
# docker exec wherry wherry kubeconfig --data-dir /data > kubeconfig
FROM node:22-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-slim
ENV NODE_ENV=production
WORKDIR /opt/wherry
COPY --from=build /src/package.json /src/LICENSE ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/api/generated/openapi api/generated/openapi
COPY --from=build /src/dist/wherry.js dist/wherry.js
COPY --from=build /src/dist/command dist/command
RUN ln -s /opt/wherry/dist/wherry.js /usr/local/bin/wherry && mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 6443
HEALTHCHECK --interval=10s --start-period=5s CMD ["wherry", "status", "--data-dir", "/data"]
ENTRYPOINT ["wherry"]
CMD ["server", "--data-dir", "/data", "--host", "0.0.0.0"]
